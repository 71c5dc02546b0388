#include "store/s3/s3_xml.h"

#include "common/buf.h"

#include <dlfcn.h>
#include <expat.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

#define EXPAT_API(X)              \
    X(ParserCreate)               \
    X(ParserFree)                 \
    X(SetUserData)                \
    X(SetElementHandler)          \
    X(SetCharacterDataHandler)    \
    X(SetStartDoctypeDeclHandler) \
    X(StopParser)                 \
    X(Parse)                      \
    X(GetErrorCode)               \
    X(ErrorString)                \
    X(GetCurrentLineNumber)

struct expat_api {
#define EXPAT_MEMBER(name) __typeof__(XML_##name) *name;
    EXPAT_API(EXPAT_MEMBER)
#undef EXPAT_MEMBER
};

struct reading {
    struct expat_api api;
    XML_Parser parser;
    const struct s3_xml_reader *reader;
    struct buf path;
    size_t ends[MAX_DEPTH]; /* where the path of each open element's parent ends */
    int depth;
    bool leaf; /* the open element has had no child yet */
    struct buf text;
    const char *refused;
};

static bool load(struct expat_api *api, struct error *err)
{
    void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_set(err, NULL, "a bucket needs libexpat, which cannot be loaded: %s", dlerror());
        return false;
    }
#define EXPAT_LOOK_UP(name)                                          \
    api->name = (__typeof__(api->name))dlsym(library, "XML_" #name); \
    if (!api->name) {                                                \
        error_set(err, NULL, "libexpat has no XML_" #name);          \
        return false;                                                \
    }
    EXPAT_API(EXPAT_LOOK_UP)
#undef EXPAT_LOOK_UP
    return true;
}

static void refuse(struct reading *r, const char *why)
{
    r->refused = why;
    r->api.StopParser(r->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && colon[1] ? colon + 1 : name;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct reading *r = data;
    if (r->depth == MAX_DEPTH) {
        refuse(r, "nested too deep");
        return;
    }
    r->ends[r->depth++] = r->path.len;
    buf_printf(&r->path, "%s%s", r->path.len ? "/" : "", local_name(name));
    buf_clear(&r->text);
    r->leaf = true;
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    (void)name;
    struct reading *r = data;
    if (r->leaf)
        r->reader->leaf(r->reader->data, buf_text(&r->path), buf_text(&r->text));
    else if (r->reader->end)
        r->reader->end(r->reader->data, buf_text(&r->path));
    r->leaf = false;
    r->path.len = r->ends[--r->depth];
    r->path.data[r->path.len] = '\0';
    buf_clear(&r->text);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
    struct reading *r = data;
    buf_append(&r->text, text, (size_t)len);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    refuse(data, "it has a document type declaration");
}

static bool run(struct reading *r, const char *text, size_t len, struct error *err)
{
    r->api.SetUserData(r->parser, r);
    r->api.SetElementHandler(r->parser, on_start, on_end);
    r->api.SetCharacterDataHandler(r->parser, on_text);
    r->api.SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (len > 256u << 20)
        return error_set(err, NULL, "the server's XML is larger than 256 MiB");
    if (r->api.Parse(r->parser, text, (int)len, XML_TRUE) == XML_STATUS_OK)
        return true;
    return error_set(err, NULL, "the server's XML cannot be read: line %lu: %s",
                     (unsigned long)r->api.GetCurrentLineNumber(r->parser),
                     r->refused ? r->refused : r->api.ErrorString(r->api.GetErrorCode(r->parser)));
}

bool s3_xml_read(const char *text, size_t len, const struct s3_xml_reader *reader,
                 struct error *err)
{
    struct reading r = {.reader = reader, .path = BUF_INIT, .text = BUF_INIT};
    if (!load(&r.api, err))
        return false;
    r.parser = r.api.ParserCreate("UTF-8");
    if (!r.parser)
        return error_set(err, NULL, "out of memory for the server's XML");
    bool ok = run(&r, text, len, err);
    r.api.ParserFree(r.parser);
    buf_free(&r.path);
    buf_free(&r.text);
    return ok;
}

void s3_xml_escape(const char *text, struct buf *out)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        if (*s < 0x20 || strchr("&<>\"'", *s))
            buf_printf(out, "&#%d;", *s);
        else
            buf_putc(out, (char)*s);
    }
}
