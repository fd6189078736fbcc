/*
 * Preloaded into a process, notes where it and its children want to connect.
 *
 * Each line of the file named by RECORD_CONNECTS is: pid, what, whereto. `start` is the program that was loaded,
 * `name` a name that was looked up, all others the call with the address it was given. Nothing is refused.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what, const char *whereto)
{
    const char *file = getenv("RECORD_CONNECTS");
    if (file == NULL)
        return;
    char line[1024];
    int length = snprintf(line, sizeof line, "%d\t%s\t%s\n", (int)getpid(), what, whereto);
    if (length >= (int)sizeof line) {
        length = sizeof line;
        line[length - 1] = '\n';
    }
    /* One write of an appended line: lines of several processes do not mix. */
    int handle = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (handle < 0)
        abort();
    if (write(handle, line, length) != length)
        abort();
    close(handle);
}

static void note_address(const char *what, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN + 32];
    if (address == NULL)
        return;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    else if (address->sa_family == AF_UNIX)
        strcpy(text, "unix");
    else if (address->sa_family == AF_UNSPEC)
        return; /* Takes a connection back. */
    else
        snprintf(text, sizeof text, "family %d", address->sa_family);
    note(what, text);
}

__attribute__((constructor)) static void start(void)
{
    char command[512] = "";
    int handle = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (handle < 0)
        return;
    ssize_t length = read(handle, command, sizeof command - 1);
    close(handle);
    for (ssize_t i = 0; i + 1 < length; i++)
        if (command[i] == '\0' || command[i] == '\n' || command[i] == '\t')
            command[i] = ' ';
    note("start", command);
}

#define NEXT(name) __typeof__(name) *next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

int connect(int handle, const struct sockaddr *address, socklen_t length)
{
    NEXT(connect);
    note_address("connect", address);
    return next(handle, address, length);
}

ssize_t sendto(int handle, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length)
{
    NEXT(sendto);
    note_address("sendto", address);
    return next(handle, data, size, flags, address, length);
}

ssize_t sendmsg(int handle, const struct msghdr *message, int flags)
{
    NEXT(sendmsg);
    note_address("sendmsg", message->msg_name);
    return next(handle, message, flags);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    NEXT(getaddrinfo);
    if (node != NULL)
        note("name", node);
    return next(node, service, hints, found);
}

struct hostent *gethostbyname(const char *name)
{
    NEXT(gethostbyname);
    note("name", name);
    return next(name);
}
