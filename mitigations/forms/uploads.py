"""Files that people upload."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile


def text_of(upload: UploadedFile[bytes], *, largest: int) -> str:
    """The text of a file of at most so many bytes. Raises ValidationError with a sentence."""
    if (upload.size or 0) > largest:
        raise forms.ValidationError(f"The file is larger than {largest // 1_000_000} MB.")
    try:
        return str(upload.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise forms.ValidationError("The file is not UTF-8 text.") from None
