#include "gateway/net/peer_certificate.h"

#include <gtest/gtest.h>

#include "tests/support/test_certificates.h"

namespace fluxgate::net {
namespace {

using testing::IssuedCertificate;
using testing::TestCa;

TEST(PeerCertificateTest, WhatACertificateSays) {
  const TestCa ca("ca");
  const IssuedCertificate issued =
      ca.Issue({.common_name = "J\xc3\xbcrgen, \"J\"",
                .organization = "a+b",
                .alternatives = {"DNS:a.example", "email:j@a.example", "DNS:b.example",
                                 "URI:spiffe://a/j", "IP:127.0.0.1"}});
  const std::unique_ptr<PeerCertificate> described = DescribePem(issued.certificate_pem + ca.pem());
  ASSERT_NE(described, nullptr);
  EXPECT_EQ(*described, (PeerCertificate{.subject = "CN=J\xc3\xbcrgen\\, \\\"J\\\",O=a\\+b",
                                         .common_name = "J\xc3\xbcrgen, \"J\"",
                                         .dns_names = {"a.example", "b.example"},
                                         .emails = {"j@a.example"},
                                         .uris = {"spiffe://a/j"},
                                         .pem = issued.certificate_pem,
                                         .verified = false}));
}

TEST(PeerCertificateTest, WithoutAnything) {
  EXPECT_EQ(DescribePem(""), nullptr);
  EXPECT_EQ(DescribePem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), nullptr);
  const std::unique_ptr<PeerCertificate> bare =
      DescribePem(TestCa("ca").Issue({.common_name = "x"}).certificate_pem);
  ASSERT_NE(bare, nullptr);
  EXPECT_EQ(bare->subject, "CN=x");
  EXPECT_TRUE(bare->dns_names.empty());
}

}  // namespace
}  // namespace fluxgate::net
