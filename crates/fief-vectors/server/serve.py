"""`fief run-server` on a socket that listens already, whose file descriptor is the argument.

Run by the server's own Python. What the command hands on to uvicorn differs between versions.
"""

import os
import runpy
import socket
import sys

import uvicorn

listening = [socket.socket(fileno=int(sys.argv[1]))]
run = uvicorn.Server.run
uvicorn.Server.run = lambda server, sockets=None: run(server, sockets=listening)
sys.argv = ["fief", "run-server", "--host", "127.0.0.1"]
runpy.run_path(os.path.join(os.path.dirname(sys.executable), "fief"), run_name="__main__")
