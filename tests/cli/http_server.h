/* SPDX-License-Identifier: BSD-3-Clause */
/* A small HTTP server on loopback, in a process of its own, that behaves as the test tells it to. */
#ifndef TESTS_CLI_HTTP_SERVER_H
#define TESTS_CLI_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared between the test and the server. */
typedef struct http_state {
    /* What the test sets. */
    long break_after; /* bytes of the content, then the connection ends; 0: never */
    bool no_ranges;   /* answers 200 with all of it whatever is asked */
    long slow;        /* microseconds after each 1,000 bytes */
    /* What the server tells. */
    int n_requests;
    long last_range; /* first byte that the last request asked for; -1: no range */
} http_state;

typedef struct http_server {
    pid_t process;
    int port;
    http_state *state;
} http_server;

static void http_send(int socket, const char *bytes, size_t n, http_state *state)
{
    for (size_t sent = 0; sent < n;) {
        size_t piece = n - sent < 1000 ? n - sent : 1000;
        if (state->break_after && sent + piece > (size_t)state->break_after) piece = (size_t)state->break_after - sent;
        if (piece == 0) return;
        ssize_t now = send(socket, bytes + sent, piece, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += (size_t)now;
        if (state->slow) usleep((useconds_t)state->slow);
    }
}

/* GET of a file below the current folder; one answer a connection. */
static void http_answer(int socket, http_state *state)
{
    char request[4096] = "", path[1024] = "", header[256];
    size_t length = 0;
    while (!strstr(request, "\r\n\r\n") && length < sizeof request - 1) {
        ssize_t n = recv(socket, request + length, sizeof request - 1 - length, 0);
        if (n <= 0) return;
        length += (size_t)n;
        request[length] = 0;
    }
    sscanf(request, "GET /%1000s", path);
    const char *range = strstr(request, "Range: bytes=");
    long first = range ? atol(range + strlen("Range: bytes=")) : -1;
    state->last_range = first;
    state->n_requests++;
    FILE *file = fopen(path, "rb");
    if (!file) {
        const char *text = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        send(socket, text, strlen(text), MSG_NOSIGNAL);
        return;
    }
    static char bytes[1 << 24];
    long size = (long)fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (first < 0 || state->no_ranges) {
        snprintf(header, sizeof header, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\nConnection: close\r\n\r\n", size);
        first = 0;
    } else if (first >= size) {
        snprintf(header, sizeof header,
                 "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%ld\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n",
                 size);
        first = size;
    } else {
        snprintf(header, sizeof header,
                 "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %ld-%ld/%ld\r\nContent-Length: %ld\r\n"
                 "Connection: close\r\n\r\n",
                 first, size - 1, size, size - first);
    }
    send(socket, header, strlen(header), MSG_NOSIGNAL);
    http_send(socket, bytes + first, (size_t)(size - first), state);
}

static inline bool http_start(http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 8) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        return false;
    server->port = ntohs(address.sin_port);
    server->state = mmap(NULL, sizeof *server->state, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (server->state == MAP_FAILED) return false;
    server->process = fork();
    if (server->process != 0) {
        close(listener);
        return server->process > 0;
    }
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) _exit(1);
        http_answer(connection, server->state);
        shutdown(connection, SHUT_RDWR);
        close(connection);
    }
}

static inline void http_stop(http_server *server)
{
    kill(server->process, SIGKILL);
    waitpid(server->process, NULL, 0);
    munmap(server->state, sizeof *server->state);
}

#endif
