"""What people read in the bot, in Russian and English; one file a screen."""
