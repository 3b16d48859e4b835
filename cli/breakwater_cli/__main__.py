from breakwater_cli.main import main

main()
