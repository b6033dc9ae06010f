# SPDX-License-Identifier: GPL-2.0-or-later
"""Real servers on loopback for the tests: nginx with a directory, and one of python's
sockets that misbehaves.  Each ends with the test that started it."""
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

CONFIG = """
daemon off; master_process off; worker_processes 1; error_log %(dir)s/error.log; pid %(dir)s/pid;
events { worker_connections 1024; }
http {
  access_log %(dir)s/access.log;
  client_body_temp_path %(dir)s/t; proxy_temp_path %(dir)s/t; fastcgi_temp_path %(dir)s/t;
  uwsgi_temp_path %(dir)s/t; scgi_temp_path %(dir)s/t;
  default_type application/octet-stream;
  server { listen 127.0.0.1:%(port)d %(ssl)s; listen [::1]:%(port)d %(ssl)s; root %(root)s; %(more)s }
}
"""


def free_port():
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


class Nginx:
    """Serves @root on loopback; @more goes into its server block."""

    def __init__(self, test, root, more="", certificate=None):
        self.dir = os.path.join(test.dir, "nginx%d" % time.monotonic_ns())
        os.makedirs(os.path.join(self.dir, "t"))
        self.port = free_port()
        self.scheme = "https" if certificate else "http"
        if certificate:
            more += " ssl_certificate %s.pem; ssl_certificate_key %s.key;" % (certificate, certificate)
        with open(os.path.join(self.dir, "conf"), "w") as conf:
            conf.write(CONFIG % {"dir": self.dir, "port": self.port, "root": root,
                                 "ssl": "ssl" if certificate else "", "more": more})
        self.start()
        test.addCleanup(self.stop)

    def start(self):
        self.process = subprocess.Popen(
            [shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-e", self.dir + "/error.log",
             "-c", os.path.join(self.dir, "conf"), "-p", self.dir],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(open(self.dir + "/error.log").read())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()

    def url(self, path="", user="", host="127.0.0.1"):
        return "%s://%s%s:%d/%s" % (self.scheme, user and user + "@", host, self.port, path)

    def requests(self):
        """What was asked for: (path, answer) in order."""
        with open(os.path.join(self.dir, "access.log")) as log:
            return [(found.group(1), int(found.group(2)))
                    for found in re.finditer(r'"GET (\S+) [^"]*" (\d+)', log.read())]


class Misbehaving:
    """A socket on loopback; @answer(connection, path) does what it likes."""

    def __init__(self, test, answer):
        self.answer, self.asked = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        test.addCleanup(self.socket.close)

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            try:
                request = connection.recv(65536).decode()
                if request:
                    path = request.split(" ")[1]
                    self.asked.append(path)
                    self.answer(connection, path)
            except OSError:
                pass

    def url(self, path="", user=""):
        return "http://%s127.0.0.1:%d/%s" % (user and user + "@", self.port, path)
