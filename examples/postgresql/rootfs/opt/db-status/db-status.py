#!/usr/bin/python3
"""A page that says what the database holds and who is connected. Runs as a user that may look, not touch."""

import http.server
import subprocess

QUERY = """
SELECT datname AS database, pg_size_pretty(pg_database_size(datname)) AS size, numbackends AS connections
FROM pg_stat_database WHERE datname IS NOT NULL ORDER BY datname
"""
LIMIT_SECONDS = 10


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        command = ["psql", "--no-psqlrc", "--html", "--dbname=postgres", "--command", QUERY]
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS)
        ok = result.returncode == 0
        body = f"<!doctype html><title>Database status</title>{result.stdout}" if ok else "The database does not answer."
        self.send_response(200 if ok else 503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())


http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Page).serve_forever()
