"""Pure prompt building: `build` decides what goes in, `foreign` tames what others wrote, `phrases` are our own."""
