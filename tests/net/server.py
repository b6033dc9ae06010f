#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server on loopback that misbehaves on demand: the path says how.

Prints its port, serves until its standard input closes, and is gone with the test
that started it.  /good/N gives N bytes; the other paths are in PAGES."""

import os
import socket
import sys
import threading

BODY = bytes(i * 7 % 251 for i in range(1 << 16))


def body(size):
    return (BODY * (size // len(BODY) + 1))[:size]


def head(code, *lines):
    return ("HTTP/1.1 %s\r\n" % code + "".join(l + "\r\n" for l in lines) + "\r\n").encode()


def send(conn, *parts):
    for part in parts:
        conn.sendall(part)


def good(conn, request, size=100000, ranges=True):
    first = 0
    for line in request.split("\r\n"):
        if ranges and line.lower().startswith("range: bytes="):
            first = int(line.split("=")[1].split("-")[0])
    if first:
        send(conn, head("206 Partial Content", "Content-Length: %d" % (size - first),
                        "Content-Range: bytes %d-%d/%d" % (first, size - 1, size)),
             body(size)[first:])
    else:
        send(conn, head("200 OK", "Content-Length: %d" % size), body(size))


CUTS = {}


def cut(conn, request, ranges=True, size=100000, times=2):
    """Closes in the middle of the first answers."""
    key = "ranges" if ranges else "whole"
    CUTS[key] = CUTS.get(key, 0) + 1
    if CUTS[key] > times:
        return good(conn, request, size, ranges)
    first = 0
    if ranges and "range: bytes=" in request.lower():
        first = int(request.lower().split("range: bytes=")[1].split("-")[0])
    code = "206 Partial Content" if first else "200 OK"
    send(conn, head(code, "Content-Length: %d" % (size - first),
                    "Content-Range: bytes %d-%d/%d" % (first, size - 1, size)),
         body(size)[first:first + 30000])


def forever(conn, request):
    send(conn, head("200 OK", "Connection: close"))
    while True:
        send(conn, BODY)


def chunked_forever(conn, request):
    send(conn, head("200 OK", "Transfer-Encoding: chunked"))
    while True:
        send(conn, b"10000\r\n" + BODY + b"\r\n")


def stall(conn, request):
    send(conn, head("200 OK", "Content-Length: 100000"), body(10))
    conn.recv(1)


def silent(conn, request):
    conn.recv(1)


def to(where):
    return lambda conn, request: send(conn, head("302 Found", "Location: " + where,
                                                 "Content-Length: 0"))


def status(code):
    return lambda conn, request: send(conn, head(code, "Content-Length: 5"), b"sorry")


FLAKY = []


def flaky(conn, request):
    FLAKY.append(1)
    if len(FLAKY) < 3:
        return status("503 Service Unavailable")(conn, request)
    return good(conn, request)


def auth(conn, request):
    if "authorization: basic dXNlcjpwYTpzcw==" in request or \
       "Authorization: Basic dXNlcjpwYTpzcw==" in request:
        return good(conn, request)
    return send(conn, head("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"',
                           "Content-Length: 0"))


PAGES = {
    "/good": good,
    "/cut": cut,
    "/cut-whole": lambda c, r: cut(c, r, ranges=False),
    "/forever": forever,
    "/chunked-forever": chunked_forever,
    "/stall": stall,
    "/silent": silent,
    "/to-file": to("file:///etc/passwd"),
    "/to-ftp": to("ftp://127.0.0.1/x"),
    "/circle": to("/circle"),
    "/to-good": to("/good"),
    "/404": status("404 Not Found"),
    "/403": status("403 Forbidden"),
    "/500": status("500 Oops"),
    "/206": status("206 Partial Content"),
    "/flaky": flaky,
    "/auth": auth,
    "/long-lie": lambda c, r: send(c, head("200 OK", "Content-Length: 999999999999"), BODY),
    "/short": lambda c, r: send(c, b"HTTP/1.0 200 OK\r\n\r\n" + body(500)),
    "/headers": lambda c, r: send(c, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000000),
    "/not-http": lambda c, r: send(c, b"hello\n" * 10),
}


def serve(conn):
    with conn:
        try:
            request = conn.recv(65536).decode("latin-1")
            path = request.split(" ")[1]
            PAGES.get(path, status("404 Not Found"))(conn, request)
            conn.shutdown(socket.SHUT_WR)
        except (OSError, IndexError):
            pass


def main():
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(server.getsockname()[1], flush=True)

    def accept():
        while True:
            conn, _ = server.accept()
            threading.Thread(target=serve, args=(conn,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)


main()
