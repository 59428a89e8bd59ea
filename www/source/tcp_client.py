import sys
from socket import *

client = socket(AF_INET, SOCK_STREAM)
client.connect(("127.0.0.1", 8808))
for line in sys.stdin:
    message = line.rstrip("\n").encode()
    client.sendall(message)
    left = len(message)
    while left > 0:
        data = client.recv(1024)
        if not data: sys.exit("closed")
        print(data.decode(), end="")
        left -= len(data)
    print()
client.shutdown(SHUT_WR)
client.close()
