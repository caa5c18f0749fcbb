"""What is measured on labelled data: one command per measurement. No test needs any of it to pass."""
