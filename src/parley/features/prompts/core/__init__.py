"""Pure prompt building: `build` decides what goes in, `foreign` tames what others wrote, `phrases` and `languages` find the words."""
