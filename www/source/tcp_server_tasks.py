from socket import *
from threading import Thread

def serve(conn):
    while data := conn.recv(1024):
        conn.sendall(data.upper())
    conn.close()

server = socket(AF_INET, SOCK_STREAM)
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 8808))
server.listen(5)
while True:
    conn, addr = server.accept()
    Thread(target=serve, args=(conn,)).start()
