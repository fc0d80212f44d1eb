"""`python -m bot`."""

from bot.app.cli.main import main

main()
