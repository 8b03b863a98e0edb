/* SPDX-License-Identifier: BSD-3-Clause */
/* Downloads by libcurl: http, https and file. */
#include "io/io.h"

#ifdef AZ_HAVE_CURL
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_SECONDS = 30, SILENT_SECONDS = 60, POLL_MILLISECONDS = 250 };

typedef struct transfer {
    const az_io_host *host;
    const az_io_download *wanted;
    CURL *handle;
    char reason[CURL_ERROR_SIZE];
    bool is_http, begun, refused; /* refused: by the sink */
    int64_t offset;               /* where the next bytes belong */
    int64_t range_first, total;   /* of the header Content-Range; -1: not told */
} transfer;

/* "Content-Range: bytes 100-199/1000", or "bytes * /1000" (without the blank) with status 416 (RFC 9110, 14.4). */
static size_t take_header(char *bytes, size_t size, size_t n, void *user)
{
    static const char name[] = "content-range:";
    transfer *t = user;
    size_t length = size * n;
    char line[256];
    if (length >= 5 && strncasecmp(bytes, "HTTP/", 5) == 0) t->range_first = t->total = -1;
    if (length < sizeof line) {
        memcpy(line, bytes, length);
        line[length] = 0;
        if (strncasecmp(line, name, sizeof name - 1) == 0) {
            const char *slash = strchr(line, '/'), *unit = strstr(line, "bytes");
            if (unit && unit[5] && unit[6] >= '0' && unit[6] <= '9') t->range_first = strtoll(unit + 6, NULL, 10);
            if (slash && slash[1] >= '0' && slash[1] <= '9') t->total = strtoll(slash + 1, NULL, 10);
        }
    }
    return length;
}

static size_t take_bytes(char *bytes, size_t size, size_t n, void *user)
{
    transfer *t = user;
    size_t n_bytes = size * n;
    if (!t->begun) {
        long code = 0;
        curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &code);
        /* A server that knows no ranges answers 200 and sends all from the beginning. */
        if (t->is_http) t->offset = code == 206 && t->range_first >= 0 ? t->range_first : 0;
        t->begun = true;
    }
    if (!t->wanted->sink(t->wanted->user, t->offset, bytes, n_bytes)) {
        t->refused = true;
        return 0;
    }
    t->offset += (int64_t)n_bytes;
    return n_bytes;
}

static az_status explain(transfer *t, CURLcode code)
{
    const az_io_host *host = t->host;
    const char *url = t->wanted->url;
    long answer = 0;
    curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &answer);
    if (code == CURLE_OK) return AZ_OK;
    if (t->refused) return AZ_ERROR_IO; /* the sink has said why */
    if (code == CURLE_OUT_OF_MEMORY) return host->error(AZ_ERROR_MEMORY, "%s: out of memory", url);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return host->error(AZ_ERROR_UNAVAILABLE, "%s: the server answered %ld%s", url, answer,
                           answer == 404   ? " (not found)"
                           : answer == 403 ? " (forbidden)"
                           : answer >= 500 ? " (a fault of the server); try again later"
                                           : "");
    if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR)
        return host->error(AZ_ERROR_UNAVAILABLE,
                           "%s: the connection broke after %lld bytes; what has come is kept, so run it again", url,
                           (long long)t->offset);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return host->error(AZ_ERROR_UNAVAILABLE, "%s: the server says nothing (%d s without a byte); try again", url,
                           SILENT_SECONDS);
    return host->error(AZ_ERROR_UNAVAILABLE, "%s: the download failed: %s", url,
                       *t->reason ? t->reason : curl_easy_strerror(code));
}

static CURLcode set_options(transfer *t, char *range, size_t range_size)
{
    CURL *handle = t->handle;
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                                                             \
    if (code == CURLE_OK) code = curl_easy_setopt(handle, option, value)
    SET(CURLOPT_ERRORBUFFER, t->reason);
    SET(CURLOPT_URL, t->wanted->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https,file");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https"); /* a server must not lead to this machine's files */
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
    SET(CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_MAXREDIRS, 10L);
    SET(CURLOPT_NOSIGNAL, 1L); /* the signals are the program's */
    SET(CURLOPT_FAILONERROR, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    SET(CURLOPT_USERAGENT, "Ansatz/" AZ_VERSION);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, take_bytes);
    SET(CURLOPT_WRITEDATA, t);
    if (t->wanted->resume_from > 0) {
        snprintf(range, range_size, "%" PRId64 "-", t->wanted->resume_from);
        SET(CURLOPT_RANGE, range);
    }
#undef SET
    return code;
}

/* libcurl's own progress callback comes once a second; this loop looks up four times. */
static az_status run(transfer *t, CURLM *many)
{
    int n_running = 1;
    CURLMcode code = curl_multi_add_handle(many, t->handle);
    while (code == CURLM_OK && n_running) {
        code = curl_multi_perform(many, &n_running);
        curl_off_t total = 0;
        curl_easy_getinfo(t->handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
        int64_t all = t->total > 0 ? t->total : total > 0 ? (int64_t)total : 0;
        if (t->wanted->keep_going && !t->wanted->keep_going(t->wanted->user, t->offset, all))
            return t->host->error(AZ_INTERRUPTED, "%s: the download was stopped; what has come is kept",
                                  t->wanted->url);
        if (code == CURLM_OK && n_running) code = curl_multi_poll(many, NULL, 0, POLL_MILLISECONDS, NULL);
    }
    if (code != CURLM_OK)
        return t->host->error(AZ_ERROR_UNAVAILABLE, "%s: the download failed: %s", t->wanted->url,
                              curl_multi_strerror(code));
    int n_left;
    for (CURLMsg *message; (message = curl_multi_info_read(many, &n_left));)
        if (message->msg == CURLMSG_DONE) return explain(t, message->data.result);
    return t->host->error(AZ_ERROR_INTERNAL, "%s: the download ended without a result", t->wanted->url);
}

static az_status attempt(const az_io_host *host, const az_io_download *download, bool *not_there)
{
    transfer t = {.host = host, .wanted = download, .range_first = -1, .total = -1};
    char range[32];
    t.is_http = strncasecmp(download->url, "http", 4) == 0;
    t.offset = download->resume_from;
    CURLM *many = curl_multi_init();
    t.handle = curl_easy_init();
    az_status status;
    CURLcode code = many && t.handle ? set_options(&t, range, sizeof range) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        status = run(&t, many);
    else
        status = host->error(code == CURLE_OUT_OF_MEMORY ? AZ_ERROR_MEMORY : AZ_ERROR_UNAVAILABLE,
                             "%s: the download failed: %s", download->url, curl_easy_strerror(code));
    long answer = 0;
    if (t.handle) curl_easy_getinfo(t.handle, CURLINFO_RESPONSE_CODE, &answer);
    if (status && answer == 416 && download->resume_from > 0) {
        if (t.total == download->resume_from) /* it had been complete */
            status = AZ_OK;
        else
            *not_there = true;
    }
    if (t.handle && many) curl_multi_remove_handle(many, t.handle);
    if (t.handle) curl_easy_cleanup(t.handle);
    if (many) curl_multi_cleanup(many);
    return status;
}

az_status az_io_curl_download(const az_io_host *host, const az_io_download *download)
{
    az_io_enter(); /* not safe to call from two threads before libcurl 7.84 */
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    az_io_leave();
    if (code != CURLE_OK)
        return host->error(AZ_ERROR_UNAVAILABLE, "%s: libcurl cannot start: %s", download->url,
                           curl_easy_strerror(code));
    bool not_there = false;
    az_status status = attempt(host, download, &not_there);
    if (status && not_there) { /* the part here is longer than the file there: another file; from the beginning */
        az_io_download whole = *download;
        whole.resume_from = 0;
        status = attempt(host, &whole, &not_there);
    }
    return status;
}

const char *az_io_curl_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
#endif
