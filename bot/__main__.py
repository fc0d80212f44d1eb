"""`python -m bot`."""

from bot.app.main import main

main()
