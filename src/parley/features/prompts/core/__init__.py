"""Pure prompt building: `build` decides what goes in, `phrases` holds the words around it."""
