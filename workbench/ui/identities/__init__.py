"""Users, roles and whom the window acts as: lists, forms, and the window that holds them."""
