#include "http/response_writer.h"

#include <array>
#include <charconv>

#include "base/time.h"

namespace chancery::http {

namespace {

std::string_view reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";  // the phrase may be empty
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;  // NOLINT: to_chars fills it
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_two(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

std::string_view HttpDate::at(std::time_t now) {
  static constexpr std::array<std::string_view, 7> kDays{"Thu", "Fri", "Sat", "Sun",
                                                         "Mon", "Tue", "Wed"};
  static constexpr std::array<std::string_view, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (now == time_) return text_;
  time_ = now;
  const CivilTime civil = to_civil(from_unix(now));
  text_ = kDays[static_cast<std::size_t>(now / 86400 % 7)];
  text_ += ", ";
  append_two(text_, civil.day);
  text_ += ' ';
  text_ += kMonths[civil.month - 1];
  text_ += ' ';
  append_number(text_, static_cast<std::size_t>(civil.year));
  text_ += ' ';
  append_two(text_, civil.hour);
  text_ += ':';
  append_two(text_, civil.minute);
  text_ += ':';
  append_two(text_, civil.second);
  text_ += " GMT";
  return text_;
}

bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  out += "HTTP/1.1 ";
  append_number(out, response.status());
  out += ' ';
  out += reason(response.status());
  out += "\r\nDate: ";
  out += options.date;
  out += "\r\nX-Request-Id: ";
  out += options.request_id;
  for (const Header& header : response.headers()) {
    out += "\r\n";
    out += header.name;
    out += ": ";
    out += header.value;
  }
  if (has_body(response.status())) {
    if (options.length) {
      out += "\r\nContent-Length: ";
      append_number(out, *options.length);
    } else if (options.chunked) {
      out += "\r\nTransfer-Encoding: chunked";
    }
  }
  if (options.close) out += "\r\nConnection: close";
  out += "\r\n\r\n";
}

Response error_page(unsigned status, std::string_view detail) {
  std::string body = "{\"errors\":[\"";
  for (const char c : detail) {
    if (c == '"' || c == '\\') body += '\\';
    body += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  body += "\"]}\n";
  return Response(status, "application/json", std::move(body));
}

}  // namespace chancery::http
