#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "protocols/json/field_reader.h"
#include "protocols/json/role_document.h"
#include "protocols/json/writer.h"

namespace chancery::json {
namespace {

Body parse(std::string_view text) {
  auto body = Body::parse_json(text);
  REQUIRE(body.has_value());
  return *std::move(body);
}

Error refusal(std::string_view text) {
  auto body = Body::parse_json(text);
  REQUIRE_FALSE(body.has_value());
  return std::move(body).error();
}

std::string where(const Error& error, std::string_view key) {
  for (const Context& step : error.where) {
    if (step.key == key) return step.value;
  }
  return {};
}

TEST_CASE("nothing and null are the empty object") {
  for (const char* text : {"", "  \n", "null", " null ", "{}"})
    CHECK(parse(text).members().empty());
}

TEST_CASE("values keep their kind and their digits") {
  const Body body = parse(
      R"({"s":"a\"\u00e9\n","n":12345678901234567890,"f":1.50,"t":true,"z":null,"l":["a",1,false,null],"o":{"x":1},"p":{"x":{"y":1},"z":2},"d":[[1]]})");
  using Kind = Value::Kind;
  CHECK(body.find("s")->kind == Kind::kString);
  CHECK(body.find("s")->text == "a\"é\n");
  CHECK(body.find("n")->text == "12345678901234567890");
  CHECK(body.find("f")->text == "1.50");
  CHECK(body.find("t")->text == "true");
  CHECK(body.find("z")->kind == Kind::kNull);
  CHECK(body.find("l")->items == std::vector<std::string>{"a", "1", "0", ""});
  CHECK(body.find("o")->kind == Kind::kObject);
  CHECK(body.find("o")->names == std::vector<std::string>{"x"});
  CHECK(body.find("o")->items == std::vector<std::string>{"1"});
  CHECK(body.find("p")->kind == Kind::kOther);
  CHECK(body.find("d")->kind == Kind::kOther);
  CHECK(body.find("x") == nullptr);
}

TEST_CASE("a name that stands twice is refused at every depth") {
  const Error top = refusal(R"({"ttl":"1h","ttl":"2h"})");
  CHECK(top.code == Code::kMalformed);
  CHECK(top.detail == "failed to decode JSON input: the name \"ttl\" stands twice in one object");
  CHECK(where(top, "field") == "ttl");
  CHECK(refusal(R"({"a":{"b":1,"b":1}})").code == Code::kMalformed);
  CHECK(refusal(R"({"a":[{"b":[{"c":1,"c":2}]}]})").code == Code::kMalformed);
  CHECK(refusal(R"({"a":1,"\u0061":2})").code == Code::kMalformed);
  CHECK(Body::parse_json(R"({"a":{"b":1},"c":{"b":1},"b":[{"b":1},{"b":2}]})").has_value());
}

TEST_CASE("names that begin alike, or differ in length alone, are told apart") {
  NameSet names;
  for (const std::string_view name :
       {"", "a", "ab", "abcdefgh", "abcdefghi", "abcdefghj", "abcdefg", "b", "abcdefgh\xff"}) {
    CAPTURE(name);
    CHECK(names.insert(name));
    CHECK_FALSE(names.insert(name));
  }
  CHECK(names.insert(std::string_view("a\0", 2)));
  CHECK(names.insert(std::string_view("\0", 1)));
  CHECK_FALSE(names.insert(std::string_view("a\0", 2)));
  CHECK_FALSE(names.insert("a"));
}

TEST_CASE("many names in any order: each is new once") {
  NameSet names;
  for (unsigned i = 0; i < 1000; ++i)
    CHECK(names.insert("member-" + std::to_string(i * 7919 % 1000)));
  for (unsigned i = 0; i < 1000; ++i) CHECK_FALSE(names.insert("member-" + std::to_string(i)));
}

TEST_CASE("what is no JSON object is refused with where it went wrong") {
  CHECK(refusal("{").detail == "failed to decode JSON input: unexpected end of the text");
  CHECK(where(refusal(R"({"a" 1})"), "offset") == "5");
  for (const char* text :
       {"[1]", "\"x\"", "1", "true", "{\"a\":1}x", "{'a':1}", "{\"a\":1,}", "{\"a\":01}",
        "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", "{/**/}", "{\"a\":NaN}", "{} {}"}) {
    CAPTURE(text);
    CHECK(refusal(text).code == Code::kMalformed);
  }
}

TEST_CASE("depth, counts and sizes are bounded") {
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(Body::parse_json(nested(32)).has_value());
  CHECK(refusal(nested(33)).code == Code::kTooLarge);
  CHECK(refusal(nested(100'000)).code == Code::kTooLarge);

  std::string many = "{";
  for (int i = 0; i < 257; ++i) many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  CHECK(refusal(many + "}").code == Code::kTooLarge);
  std::string list = R"({"a":[0)";
  for (int i = 0; i < 10'000; ++i) list += ",0";
  CHECK(refusal(list + "]}").code == Code::kTooLarge);
  CHECK(refusal("{\"" + std::string(2000, 'k') + "\":1}").code == Code::kTooLarge);
}

TEST_CASE("forms") {
  const Body body = Body::parse_form("a=b+c%20d&e=&f&g=%C3%A9").value();
  CHECK(body.find("a")->text == "b c d");
  CHECK(body.find("e")->text.empty());
  CHECK(body.find("f")->text.empty());
  CHECK(body.find("g")->text == "é");
  CHECK(Body::parse_form("a=%4").error().code == Code::kMalformed);
  CHECK(Body::parse_form("a=%zz").error().code == Code::kMalformed);
  CHECK(Body::parse_form("a=%ff").error().code == Code::kMalformed);
  CHECK(Body::parse_form("a=1&a=2").error().code == Code::kMalformed);
  CHECK(Body::from_pairs({{"limit", "1"}, {"limit", "2"}}).error().code == Code::kMalformed);
}

TEST_CASE("fields convert as Vault's schemas do") {
  const Body body = parse(
      R"({"b1":true,"b2":"true","b3":"1","b4":1,"b5":"","i1":7,"i2":"7","i3":"","d1":3600,"d2":"3600",)"
      R"("d3":"1h30m","d4":"2d","d5":"","l1":["a,b"," c"],"l2":" a , b ","l3":"","l4":5,"s1":5,"s2":true})");
  FieldReader fields(body);
  for (const char* name : {"b1", "b2", "b3", "b4"}) CHECK(fields.flag(name));
  CHECK_FALSE(fields.flag("b5", true));
  CHECK(fields.flag("absent", true));
  CHECK(fields.integer("i1") == 7);
  CHECK(fields.integer("i2") == 7);
  CHECK(fields.duration("d1") == seconds{3600});
  CHECK(fields.duration("d2") == seconds{3600});
  CHECK(fields.duration("d3") == seconds{5400});
  CHECK(fields.duration("d4") == seconds{172'800});
  CHECK(fields.duration("d5", seconds{9}) == seconds{0});
  CHECK(fields.list("l1") == std::vector<std::string>{"a,b", " c"});
  CHECK(fields.list("l2") == std::vector<std::string>{"a", "b"});
  CHECK(fields.list("l3", {"x"}).empty());
  CHECK(fields.list("l4") == std::vector<std::string>{"5"});
  CHECK(fields.text("s1") == "5");
  CHECK(fields.text("s2") == "1");
  CHECK(fields.finish().value() == std::vector<std::string>{"i3"});
}

TEST_CASE("a field of the wrong type is named") {
  const auto why = [](std::string_view text, auto read) {
    const Body body = parse(text);
    FieldReader fields(body);
    read(fields);
    const auto result = fields.finish();
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Code::kInvalidArgument);
    CHECK(where(result.error(), "field") == "x");
    CHECK(result.error().detail.starts_with("error converting input for field \"x\": "));
  };
  const auto flag = [](FieldReader& f) { (void)f.flag("x"); };
  const auto integer = [](FieldReader& f) { (void)f.integer("x"); };
  const auto duration = [](FieldReader& f) { (void)f.duration("x"); };
  const auto text = [](FieldReader& f) { (void)f.text("x"); };
  const auto list = [](FieldReader& f) { (void)f.list("x"); };
  const auto time = [](FieldReader& f) { (void)f.time("x"); };
  why(R"({"x":"maybe"})", flag);
  why(R"({"x":[]})", flag);
  why(R"({"x":2.5})", flag);
  why(R"({"x":"abc"})", integer);
  why(R"({"x":2048.0})", integer);
  why(R"({"x":99999999999999999999})", integer);
  why(R"({"x":"xyz"})", duration);
  why(R"({"x":-5})", duration);
  why(R"({"x":true})", duration);
  why(R"({"x":["a"]})", duration);
  why(R"({"x":["a"]})", text);
  why(R"({"x":{}})", text);
  why(R"({"x":{"a":1}})", list);
  why(R"({"x":[["a"]]})", list);
  why(R"({"x":"tomorrow"})", time);
}

TEST_CASE("the words about a wrong type are those that clients of Vault know") {
  const auto said = [](std::string_view value, auto read) {
    const Body body = parse(R"({"x":)" + std::string(value) + "}");
    FieldReader fields(body);
    read(fields);
    return fields.finish().error().detail.substr(
        std::string_view("error converting input for field \"x\": ").size());
  };
  const auto flag = [](FieldReader& f) { (void)f.flag("x"); };
  const auto integer = [](FieldReader& f) { (void)f.integer("x"); };
  const auto text = [](FieldReader& f) { (void)f.text("x"); };
  const auto duration = [](FieldReader& f) { (void)f.duration("x"); };
  CHECK(said("2", flag) == "'' cannot parse value as 'bool': strconv.ParseBool: invalid syntax");
  CHECK(said("[]", flag) == "'' expected type 'bool', got unconvertible type '[]interface {}'");
  CHECK(said("1.5", integer) == "'' cannot parse value as 'int': strconv.ParseInt: invalid syntax");
  CHECK(said("99999999999999999999", integer) ==
        "'' cannot parse value as 'int': strconv.ParseInt: value out of range");
  CHECK(said("{}", integer) ==
        "'' expected type 'int', got unconvertible type 'map[string]interface {}'");
  CHECK(said("[1]", text) == "'' expected type 'string', got unconvertible type '[]interface {}'");
  CHECK(said("\"1x\"", duration) == "time: unknown unit \"x\" in duration \"1x\"");
  CHECK(said("1.5", duration) == "time: missing unit in duration \"1.5\"");
}

TEST_CASE("the writer escapes and separates") {
  Writer out;
  out.begin_object().field("a", "x\"\\\n\t\x01").field("b", true).field("n", -5).field("e", "é");
  out.field("l", std::vector<std::string>{"1", "2"}).key("z").null();
  out.key("o").begin_object().end_object().key("r").raw("[]").end_object();
  CHECK(out.text() ==
        "{\"a\":\"x\\\"\\\\\\n\\t\\u0001\",\"b\":true,\"n\":-5,\"e\":\"é\",\"l\":[\"1\",\"2\"],"
        "\"z\":null,"
        "\"o\":{},\"r\":[]}");
  Writer bad;
  bad.string("a\xff\"b");
  CHECK(bad.text() == "\"a?\\\"b\"");
  // Every byte at every place of a word.
  for (int octet = 0; octet < 128; ++octet) {
    for (std::size_t at = 0; at < 24; ++at) {
      std::string text(24, 'x');
      text[at] = static_cast<char>(octet);
      Writer one;
      one.string(text);
      CHECK(boost::json::parse(one.text()).as_string() == text);
      CHECK((one.text().size() == 26) == (octet >= 0x20 && octet != '"' && octet != '\\'));
    }
  }
}

TEST_CASE("a role written and read again is the same") {
  const Body body = parse(
      R"({"allowed_domains":"a.com,b.com","allow_subdomains":"true","key_type":"ec","key_bits":384,)"
      R"("ttl":"1h","max_ttl":"24h","not_before_bound":"duration","no_store":1,)"
      R"("policy_identifiers":"[{\"oid\":\"1.2.3\",\"cps\":\"http://x\"}]","surprise":1})");
  FieldReader fields(body);
  const policy::Role role = read_role("web", fields);
  CHECK(fields.finish().value() == std::vector<std::string>{"surprise"});
  CHECK(role.allowed_domains == std::vector<std::string>{"a.com", "b.com"});
  CHECK(role.key_type == policy::RoleKeyType::kEc);
  CHECK(role.key_bits == 384);
  CHECK(role.ttl == seconds{3600});
  CHECK(role.no_store);
  CHECK(role.policy_identifiers == std::vector<std::string>{R"({"oid":"1.2.3","cps":"http://x"})"});

  Writer out;
  out.begin_object();
  write_role(out, role);
  out.end_object();
  const Body again = parse(out.text());
  CHECK(again.members().size() == role_field_names().size());
  FieldReader reread(again);
  CHECK(policy::encode(read_role("web", reread)) == policy::encode(role));
  CHECK(reread.finish().value().empty());
}

TEST_CASE("a role asks for nothing that is not here") {
  for (const char* text :
       {R"({"allowed_domains_template":true})", R"({"key_type":"dsa"})",
        R"({"not_before_bound":"x"})", R"({"key_bits":-1})", R"({"key_bits":99999999})"}) {
    const Body body = parse(text);
    FieldReader fields(body);
    (void)read_role("web", fields);
    const auto result = fields.finish();
    REQUIRE_FALSE(result.has_value());
    CHECK(where(result.error(), "field") == body.members().front().first);
  }
}

}  // namespace
}  // namespace chancery::json
