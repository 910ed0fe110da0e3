"""Durable inbox and outbox, limiter, ticker, auditor: nothing accepted is lost or handled twice."""
