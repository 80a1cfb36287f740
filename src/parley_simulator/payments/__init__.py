"""Telegram Stars: invoices, checkouts, subscriptions, refunds."""
