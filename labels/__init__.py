"""Printed labels: geometry, QR codes and outputs. Knows neither the web app nor a database."""
