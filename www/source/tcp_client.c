#include "plain.h"

int main(void) {
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons(8808),
        .sin_addr.s_addr = inet_addr("127.0.0.1"),
    };
    int client = socket(AF_INET, SOCK_STREAM, 0);
    must("connect",
         connect(client, (void *)&addr, sizeof addr));
    char line[4096], buf[1024];
    while (fgets(line, sizeof line, stdin)) {
        size_t left = strcspn(line, "\n");
        send_all(client, line, left);
        while (left > 0) {
            ssize_t n = recv(client, buf, sizeof buf, 0);
            if (n <= 0) exit(1);
            fwrite(buf, 1, n, stdout);
            left -= n;
        }
        puts("");
    }
    shutdown(client, SHUT_WR);
    close(client);
}
