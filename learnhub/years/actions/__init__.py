"""What people, departments, reviewers and administrators do about a year; each function is one act and one transaction."""
