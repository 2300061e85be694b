"""Catches what the server sends out: webhooks over HTTP and emails over SMTP.

Writes one JSON object a line:

  webhooks.jsonl   headers (a list of name and value, in order), body (as text)
  mails.jsonl      to (a list), code (the verification code in the text, or null)
"""

import email
import email.policy
import http.server
import json
import os
import re
import socketserver
import threading


class Sink:
    def __init__(self, folder):
        self.webhooks = os.path.join(folder, "webhooks.jsonl")
        self.mails = os.path.join(folder, "mails.jsonl")
        web = listen(http.server.ThreadingHTTPServer, WebhookHandler, self.webhooks)
        mail = listen(MailServer, MailHandler, self.mails)
        self.webhook_url = f"http://127.0.0.1:{web.server_address[1]}/webhook"
        self.smtp_port = mail.server_address[1]


def listen(kind, handler, path):
    server = kind(("127.0.0.1", 0), handler)
    server.file = open(path, "w", encoding="utf-8")
    server.lock = threading.Lock()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def append(server, record):
    with server.lock:
        server.file.write(json.dumps(record) + "\n")
        server.file.flush()


class WebhookHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = [list(item) for item in self.headers.items()]
        append(self.server, {"headers": headers, "body": body.decode("utf-8")})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class MailHandler(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        self.say("220 sink")
        recipients = []
        while line := self.rfile.readline(4096):
            text = line.decode("utf-8", "replace").strip()
            verb = text.upper()
            if verb.startswith(("EHLO", "HELO", "NOOP", "RSET", "MAIL FROM:")):
                recipients = []
                self.say("250 ok")
            elif verb.startswith("RCPT TO:"):
                recipients.append(re.sub(r".*<(.*)>.*", r"\1", text[8:]).strip())
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                append(self.server, {"to": recipients, "code": code(self.read_data())})
                self.say("250 ok")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 not known here")

    def say(self, line):
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def read_data(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b".\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


def code(data):
    """The verification code fills an element of its own; nothing else in the email does."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    part = message.get_body(("html", "plain"))
    found = re.findall(r">\s*([A-Z0-9]{6})\s*<", part.get_content() if part else "")
    return found[0] if len(found) == 1 else None
