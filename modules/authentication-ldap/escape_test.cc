#include "modules/authentication-ldap/escape.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

using std::string_literals::operator""s;

// The examples of RFC 4514, section 4, and RFC 4515, section 4.
TEST(Escape, DistinguishedNames) {
  EXPECT_EQ(EscapeDnValue("alice"), "alice");
  EXPECT_EQ(EscapeDnValue("James \"Jim\" Smith, III"), "James \\\"Jim\\\" Smith\\, III");
  EXPECT_EQ(EscapeDnValue("Before\rAfter"), "Before\\0dAfter");
  EXPECT_EQ(EscapeDnValue("Lu\xc4\x8di\xc4\x87"), "Lu\xc4\x8di\xc4\x87");
  EXPECT_EQ(EscapeDnValue("a+b;c<d>e\\f=g"), "a\\+b\\;c\\<d\\>e\\\\f\\=g");
  EXPECT_EQ(EscapeDnValue(" a b "), "\\ a b\\ ");
  EXPECT_EQ(EscapeDnValue(" "), "\\ ");
  EXPECT_EQ(EscapeDnValue("#a#"), "\\#a#");
  EXPECT_EQ(EscapeDnValue("a\0b"s), "a\\00b");
}

TEST(Escape, Filters) {
  EXPECT_EQ(EscapeFilterValue("alice"), "alice");
  EXPECT_EQ(EscapeFilterValue("Parens R Us (for all your parenthetical needs)"),
            "Parens R Us \\28for all your parenthetical needs\\29");
  EXPECT_EQ(EscapeFilterValue("*"), "\\2a");
  EXPECT_EQ(EscapeFilterValue("C:\\MyFile"), "C:\\5cMyFile");
  EXPECT_EQ(EscapeFilterValue("\0\0\0\4"s), "\\00\\00\\00\\04");
  EXPECT_EQ(EscapeFilterValue("Lu\xc4\x8di\xc4\x87"), "Lu\xc4\x8di\xc4\x87");
}

}  // namespace
}  // namespace fluxgate::modules
