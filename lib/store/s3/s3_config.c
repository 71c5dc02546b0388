#include "store/s3/s3_config.h"

#include "common/utf8.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static const char *env_either(const char *first, const char *second)
{
    const char *value = env(first);
    return value ? value : env(second);
}

static char *copy_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

bool s3_bucket_is_valid(const char *bucket, size_t len)
{
    if (len < 3 || len > 63 || strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789.-") < len)
        return false;
    return !strchr(".-", bucket[0]) && !strchr(".-", bucket[len - 1]);
}

static bool split_root(const char *root, struct s3_config *config, struct error *err)
{
    if (strncmp(root, "s3://", 5) != 0)
        return error_set(err, NULL, "the storage root is no s3:// URI");
    const char *bucket = root + 5;
    size_t len = strcspn(bucket, "/");
    if (memchr(bucket, '@', len))
        return error_set(err, NULL,
                         "the storage root holds credentials; put them into "
                         "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    if (!s3_bucket_is_valid(bucket, len))
        return error_set(err, NULL,
                         "%s: '%.*s' is no bucket name (3 to 63 lower-case letters, "
                         "digits, dots and hyphens)",
                         root, (int)len, bucket);
    const char *prefix = bucket + len;
    while (*prefix == '/')
        prefix++;
    size_t prefix_len = strlen(prefix);
    while (prefix_len > 0 && prefix[prefix_len - 1] == '/')
        prefix_len--;
    config->bucket = xstrndup(bucket, len);
    config->prefix = prefix_len ? xasprintf("%.*s/", (int)prefix_len, prefix) : xstrdup("");
    config->root =
        xasprintf("s3://%s%s%.*s", config->bucket, prefix_len ? "/" : "", (int)prefix_len, prefix);
    return true;
}

/* endpoint: http[s]://host[:port][/base] */
static bool use_endpoint(const char *endpoint, struct s3_config *config, struct error *err)
{
    const char *rest = strncmp(endpoint, "https://", 8) == 0  ? endpoint + 8
                       : strncmp(endpoint, "http://", 7) == 0 ? endpoint + 7
                                                              : NULL;
    size_t host_len = rest ? strcspn(rest, "/?#") : 0;
    if (!rest || host_len == 0 || strpbrk(rest, "?#") || memchr(rest, '@', host_len))
        return error_set(err, NULL,
                         "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be a URL like "
                         "https://host:port, without credentials or query");
    const char *path = rest + host_len;
    size_t path_len = strlen(path);
    while (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    config->host = xstrndup(rest, host_len);
    config->origin = xstrndup(endpoint, (size_t)(rest - endpoint) + host_len);
    config->base = xasprintf("%.*s/%s/", (int)path_len, path, config->bucket);
    return true;
}

static void use_aws(struct s3_config *config)
{
    /* The one certificate that AWS has for virtual hosts covers no further dots. */
    bool path_style = strchr(config->bucket, '.') != NULL;
    const char *suffix =
        strncmp(config->region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";
    config->host = path_style ? xasprintf("s3.%s.%s", config->region, suffix)
                              : xasprintf("%s.s3.%s.%s", config->bucket, config->region, suffix);
    config->origin = xasprintf("https://%s", config->host);
    config->base = path_style ? xasprintf("/%s/", config->bucket) : xstrdup("/");
}

bool s3_config_has_credentials(void)
{
    return env("AWS_ACCESS_KEY_ID") && env("AWS_SECRET_ACCESS_KEY");
}

static bool use_credentials(struct s3_config *config, struct error *err)
{
    if (!s3_config_has_credentials())
        return error_set(err, NULL,
                         "no credentials for %s: set AWS_ACCESS_KEY_ID and "
                         "AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)",
                         config->root);
    config->access_key = xstrdup(env("AWS_ACCESS_KEY_ID"));
    config->secret_key = xstrdup(env("AWS_SECRET_ACCESS_KEY"));
    config->session_token = copy_or_null(env("AWS_SESSION_TOKEN"));
    return true;
}

static bool use_concurrency(struct s3_config *config, struct error *err)
{
    const char *text = env("CLUSTER_S3_CONCURRENCY");
    config->concurrency = 16;
    if (!text)
        return true;
    char *end = NULL;
    long n = strtol(text, &end, 10);
    if (*end || n < 1 || n > 256)
        return error_set(err, NULL, "CLUSTER_S3_CONCURRENCY must be a number from 1 to 256");
    config->concurrency = n;
    return true;
}

bool s3_config_load(const char *root, struct s3_config *config, struct error *err)
{
    *config = (struct s3_config){0};
    const char *region = env_either("AWS_REGION", "AWS_DEFAULT_REGION");
    const char *endpoint = env_either("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
    config->region = xstrdup(region ? region : "us-east-1");
    config->ca_bundle = copy_or_null(env("AWS_CA_BUNDLE"));
    bool ok = split_root(root, config, err) && use_concurrency(config, err) &&
              (endpoint ? use_endpoint(endpoint, config, err) : (use_aws(config), true)) &&
              use_credentials(config, err);
    if (!ok)
        s3_config_clear(config);
    return ok;
}

void s3_config_clear(struct s3_config *config)
{
    free(config->root);
    free(config->bucket);
    free(config->prefix);
    free(config->origin);
    free(config->host);
    free(config->base);
    free(config->region);
    free(config->access_key);
    free(config->secret_key);
    free(config->session_token);
    free(config->ca_bundle);
    *config = (struct s3_config){0};
}
