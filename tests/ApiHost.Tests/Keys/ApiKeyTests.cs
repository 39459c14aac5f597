using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Tests.Keys;

public sealed class ApiKeyTests
{
    private static readonly string KeyId = ApiKey.NewKeyId("acme");
    private static readonly string Key = ApiKey.Join("sk_live_", KeyId, ApiKey.NewSecret());

    [Fact]
    public void A_key_is_taken_apart_into_what_it_was_made_of()
    {
        string secret = ApiKey.NewSecret();

        Assert.True(ApiKey.TryParse(ApiKey.Join("sk_", KeyId, secret), out ApiKeyParts parts));
        Assert.Equal(KeyId, parts.KeyId.ToString());
        Assert.Equal(secret, parts.Secret.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sk_")]
    [InlineData("sk_live_")]
    [InlineData("tb_prod_")]
    [InlineData("hm_")]
    [InlineData("pp_live-")]
    [InlineData("abcdefgh_123456_")]
    public void Any_prefix_will_do_that_is_valid(string prefix)
    {
        Assert.True(ApiKey.IsPrefix(prefix));
        Assert.True(ApiKey.TryParse(ApiKey.Join(prefix, KeyId, ApiKey.NewSecret()), out _));
    }

    [Theory]
    [InlineData("sk")]
    [InlineData("_sk_")]
    [InlineData("sk__")]
    [InlineData("-sk-")]
    [InlineData("sk-_")]
    [InlineData("sk_live-x")]
    [InlineData("sé_")]
    [InlineData("s k_")]
    [InlineData("abcdefgh_1234567_")]
    public void A_prefix_that_is_not_valid_is_known(string prefix) => Assert.False(ApiKey.IsPrefix(prefix));

    [Fact]
    public void Any_one_wrong_character_is_noticed()
    {
        for (int i = 0; i < Key.Length; i++)
        {
            foreach (char c in "0aZ_- é")
            {
                string typo = Key[..i] + c + Key[(i + 1)..];
                Assert.False(typo != Key && ApiKey.TryParse(typo, out _), $"position {i}, character {c}");
            }
        }
    }

    [Fact]
    public void Any_two_swapped_neighbours_are_noticed()
    {
        for (int i = 0; i + 1 < Key.Length; i++)
        {
            string typo = Key[..i] + Key[i + 1] + Key[i] + Key[(i + 2)..];
            Assert.False(typo != Key && ApiKey.TryParse(typo, out _), $"position {i}");
        }
    }

    [Fact]
    public void A_character_too_many_or_too_few_is_noticed()
    {
        for (int i = 0; i < Key.Length; i++)
        {
            Assert.False(ApiKey.TryParse(Key.Remove(i, 1), out _), $"without position {i}");
            Assert.False(ApiKey.TryParse(Key.Insert(i, "x"), out _), $"more at position {i}");
        }

        Assert.False(ApiKey.TryParse(null, out _));
        Assert.False(ApiKey.TryParse("", out _));
    }

    [Fact]
    public void After_the_prefix_there_are_the_route_letters_and_digits_and_one_underscore()
    {
        string rest = Key["sk_live_".Length..];

        Assert.StartsWith(ApiKey.Route("acme"), rest, StringComparison.Ordinal);
        Assert.Equal("_", string.Concat(rest.Where(c => !char.IsAsciiLetterOrDigit(c))));
        Assert.Equal('_', rest[ApiKey.KeyIdLength]);
    }

    [Fact]
    public void The_secret_has_190_bits_at_least() => Assert.True(ApiKey.SecretLength * Math.Log2(62) >= 190);

    // Worked out outside of this code: python3 -c 'import hashlib; n = int.from_bytes(hashlib.sha256(b"acme").digest()[:16], "big")' and its last six digits to the base 62.
    [Fact]
    public void The_route_is_the_same_on_every_host_and_in_every_release() => Assert.Equal("5EttLm", ApiKey.Route("acme"));

    [Fact]
    public void Routes_differ_by_account() =>
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(i => ApiKey.Route($"account-{i}")).Distinct(StringComparer.Ordinal).Count());
}
