import sys
from socket import *

client = socket(AF_INET, SOCK_DGRAM)
for line in sys.stdin:
    message = line.rstrip("\n").encode()
    client.sendto(message, ("127.0.0.1", 8080))
    data, addr = client.recvfrom(1024)
    print(data.decode())
client.close()
