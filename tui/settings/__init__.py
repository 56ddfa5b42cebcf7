"""What a setting is: one annotated field with its default, its text, and the kind of value that it takes."""
