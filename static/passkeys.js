// Passkeys: hand the browser what the portal asks, and the portal what the device answers. All else works without.
"use strict";
for (const form of document.querySelectorAll("form[data-passkey]")) prepare(form);

function prepare(form) {
  if (!window.PublicKeyCredential) return say(form, "This browser has no passkeys.");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      form.elements.credential.value = JSON.stringify(await answer(form));
      form.submit();
    } catch (error) {
      say(form, error.name === "InvalidStateError" ? "This device has a passkey for you already." : "Nothing came of it. Please try once more.");
    }
  });
}

async function answer(form) {
  const asked = form.dataset.options ? JSON.parse(form.dataset.options) : await (await fetch(form.dataset.from)).json();
  const options = asBytes(asked.publicKey);
  const found = await navigator.credentials[form.dataset.passkey]({ publicKey: options });
  return asText(found);
}

function asBytes(options) {
  const read = (each) => ({ ...each, id: bytes(each.id) });
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: read(options.user) }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(read) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(read) }),
  };
}

function asText(found) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (found.response[name]) response[name] = text(found.response[name]);
  if (found.response.getTransports) response.transports = found.response.getTransports();
  return { id: found.id, rawId: text(found.rawId), type: found.type, response, clientExtensionResults: found.getClientExtensionResults() };
}

function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
}

function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function say(form, words) {
  const place = form.querySelector(".error");
  place.textContent = words;
  place.hidden = false;
}
