"""Forms made from the recipe's own description of its fields."""
