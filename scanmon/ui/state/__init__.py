"""What the window shows and remembers, without a widget: pure values, texts, files of the user."""
