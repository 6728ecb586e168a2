"""Training by Ultralytics. The only folder that imports it (AGPL-3.0-only, see ml/LICENSE-NOTE)."""
