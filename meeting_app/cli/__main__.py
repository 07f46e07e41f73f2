"""``python -m meeting_app.cli``: the same as ``meeting-app``, in this very interpreter."""

from meeting_app.cli import main

if __name__ == "__main__":
    main()
