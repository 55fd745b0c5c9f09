"""What a run would be, told before it is begun: a glance at the rows, problems, an outlook."""
