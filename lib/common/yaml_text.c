#include "common/yaml_text.h"

#include "common/utf8.h"
#include "common/xalloc.h"

#include <string.h>
#include <yaml.h>

/* What stands at `at` and may not, or NULL. *size is set to the character's length in bytes. */
static bool is_allowed(const char *text, size_t len, size_t at, size_t *size, uint32_t *c)
{
    *size = utf8_decode(text + at, len - at, c);
    if (*size == 0)
        return false;
    if (*c < 0x20)
        return *c == '\t' || *c == '\n' || *c == '\r';
    if (*c == 0xfeff)
        return at == 0;
    return !(*c >= 0x7f && *c < 0xa0) && *c != 0x2028 && *c != 0x2029 && *c != 0xfffe &&
           *c != 0xffff;
}

bool yaml_check_characters(struct yaml *yaml, const char *text, size_t len)
{
    size_t line = 1, column = 1, size = 0;
    for (size_t at = 0; at < len; at += size) {
        uint32_t c = 0;
        if (!is_allowed(text, len, at, &size, &c)) {
            if (size == 0)
                yaml_problem_add(yaml, YAML_NOT_UTF8, line, column,
                                 "byte 0x%02x at offset %zu is not UTF-8; save the file as UTF-8",
                                 (unsigned char)text[at], at);
            else
                yaml_problem_add(yaml, YAML_MALFORMED, line, column,
                                 "the character U+%04X may not stand here; in a double-quoted "
                                 "string it can be written as \\u%04x",
                                 c, c);
            return false;
        }
        bool ends_line = c == '\n' || (c == '\r' && (at + 1 == len || text[at + 1] != '\n'));
        line += ends_line;
        column = ends_line ? 1 : column + (at != 0 || c != 0xfeff);
    }
    return true;
}

/* The parser's events do not tell `! x` from `x`; the scanner's tokens do. */
void yaml_check_tags(struct yaml *yaml, const char *text, size_t len)
{
    if (!memchr(text, '!', len))
        return;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        die_out_of_memory();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    yaml_token_t token;
    bool more = true;
    while (more && yaml_parser_scan(&parser, &token)) {
        if (token.type == YAML_TAG_TOKEN || token.type == YAML_TAG_DIRECTIVE_TOKEN)
            yaml_problem_add(yaml, YAML_MALFORMED, token.start_mark.line + 1,
                             token.start_mark.column + 1,
                             "tags (!…) are not taken; leave it out, or quote a text that starts "
                             "with an exclamation mark");
        more = token.type != YAML_STREAM_END_TOKEN;
        yaml_token_delete(&token);
    }
    yaml_parser_delete(&parser);
}
