"""Long work as processes of their own: they outlive the page and the server, and can be watched."""
