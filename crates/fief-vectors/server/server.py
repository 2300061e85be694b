"""A Fief server with its worker and its Redis, fresh and empty, on the loopback interface."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

from sink import Sink

HERE = os.path.dirname(os.path.abspath(__file__))

# In seconds: enough for a busy machine. The condition is checked ten times per second.
PATIENCE = 120

# All secrets are for servers that run during one command only.
API_KEY = "throwaway-admin-api-key"
SETTINGS = {
    "SECRET": "throwaway-secret-throwaway-secret-throwaway-secret-throwaway-secret",
    "ENCRYPTION_KEY": "dGhyb3dhd2F5LWtleS10aHJvd2F3YXkta2V5LTEyMzQ=",
    "FIEF_CLIENT_ID": "main-client-id",
    "FIEF_CLIENT_SECRET": "main-client-secret",
    "FIEF_MAIN_USER_EMAIL": "admin@bretagne.duchy",
    "FIEF_MAIN_USER_PASSWORD": "throwaway-admin-password",
    "FIEF_MAIN_ADMIN_API_KEY": API_KEY,
    "DATABASE_TYPE": "SQLITE",
    "DATABASE_NAME": "fief.db",
    "EMAIL_PROVIDER": "SMTP",
    "TELEMETRY_ENABLED": "false",
    # Cookies over plain http.
    "CSRF_COOKIE_SECURE": "false",
    "FIEF_ADMIN_SESSION_COOKIE_SECURE": "false",
    "LOGIN_HINT_COOKIE_SECURE": "false",
    "LOGIN_SESSION_COOKIE_SECURE": "false",
    "REGISTRATION_SESSION_COOKIE_SECURE": "false",
    "SESSION_COOKIE_SECURE": "false",
    "SESSION_DATA_COOKIE_SECURE": "false",
    "USER_LOCALE_COOKIE_SECURE": "false",
    # The port of the worker's metrics: any free one.
    "dramatiq_prom_host": "127.0.0.1",
    "dramatiq_prom_port": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONPATH": os.path.join(HERE, "sqlite_locking"),
}


class Server:
    """Runs while it is entered. What it sends out is written to two files by a `Sink`."""

    def __init__(self, programs, bits, folder):
        self.programs, self.bits, self.folder = programs, bits, folder
        self.processes = []
        self.api_key = API_KEY

    def __enter__(self):
        # Ctrl-C ends the command and then its server; SIGTERM must do the same.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *reason):
        self.stop()

    def start(self):
        self.sink = Sink(self.folder)
        # The server gets the listening socket, so that no other program can get its port.
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        self.base_url = f"http://localhost:{port}"
        self.admin_api_url = f"{self.base_url}/admin/api"
        email = {"host": "127.0.0.1", "port": self.sink.smtp_port, "ssl": False}
        self.environment = {
            **os.environ,
            **SETTINGS,
            "FIEF_DOMAIN": f"localhost:{port}",
            "ROOT_DOMAIN": f"localhost:{port}",
            "PORT": str(port),
            "GENERATED_JWK_SIZE": str(self.bits),
            "DATABASE_LOCATION": self.folder,
            "REDIS_URL": f"redis://127.0.0.1:{self.start_redis()}",
            "EMAIL_PROVIDER_PARAMS": json.dumps(email),
            "dramatiq_prom_db": os.path.join(self.folder, "metrics"),
            "dramatiq_prom_lock": os.path.join(self.folder, "metrics.lock"),
        }
        # With WAL, readers do not wait for a writer. The setting is stored in the database.
        database = sqlite3.connect(os.path.join(self.folder, SETTINGS["DATABASE_NAME"]))
        database.execute("PRAGMA journal_mode = WAL")
        database.close()
        handed = listener.fileno()
        serve = os.path.join(HERE, "serve.py")
        server = self.launch("server", "python", serve, str(handed), hands=[handed])
        listener.close()
        self.wait_for(server, self.answers)
        # After the server, which creates the database.
        worker = self.launch("worker", "fief", "run-worker", "--processes", "1", "--threads", "1")
        self.wait_for(worker, lambda: "Fief Worker started" in self.log("worker"))

    def start_redis(self):
        """On a port that was free; on another one if another program was quicker."""
        self.environment = dict(os.environ)
        for _ in range(20):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            options = f"--bind 127.0.0.1 --port {port} --appendonly no --dir {self.folder}"
            redis = self.launch("redis", "redis-server", *options.split(), "--save", "")
            ready = lambda: "Ready to accept connections" in self.log("redis")  # noqa: E731
            if self.wait_for(redis, ready, may_end=True):
                return port
        raise SystemExit(f"Redis does not start:\n{self.log('redis')}")

    def launch(self, name, program, *arguments, hands=()):
        """In a process group of its own, to be ended with its children."""
        with open(self.path(name), "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [os.path.join(self.programs, program), *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=hands,
                start_new_session=True,
            )
        process.name = name
        self.processes.append(process)
        return process

    def wait_for(self, process, ready, may_end=False):
        deadline = time.monotonic() + PATIENCE
        while not ready():
            ended = process.poll() is not None
            if ended and may_end:
                return False
            if ended or time.monotonic() > deadline:
                what = "ended" if ended else "does not get ready"
                last = "\n".join(self.log(process.name).splitlines()[-25:])
                raise SystemExit(f"{process.name} {what}; the end of its log:\n{last}")
            time.sleep(0.1)
        return True

    def answers(self):
        """Without a proxy, whatever the environment says."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(f"{self.base_url}/.well-known/openid-configuration", timeout=5).read()
        except OSError:
            return False
        return True

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                pass
            # What is left of its group.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()

    def log(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def path(self, name):
        return os.path.join(self.folder, f"{name}.log")
