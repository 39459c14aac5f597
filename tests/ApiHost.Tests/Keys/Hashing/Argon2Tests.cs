using System.Text;
using OrleansBilling.ApiHost.Keys.Hashing;

namespace OrleansBilling.ApiHost.Tests.Keys.Hashing;

public sealed class Argon2Tests
{
    // The reference implementation's own vectors for Argon2id, version 0x13: P-H-C/phc-winner-argon2, src/test.c.
    [Theory]
    [InlineData(2, 1 << 16, 1, "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")]
    [InlineData(2, 1 << 8, 1, "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")]
    [InlineData(2, 1 << 8, 2, "password", "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037")]
    public void The_library_gives_what_the_reference_says(uint passes, uint memoryKiB, uint lanes, string password, string salt, string expected)
    {
        byte[] hash = new byte[32];

        Argon2.Hash(passes, memoryKiB, lanes, Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), hash);

        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void What_the_library_refuses_is_an_error_with_its_number() => Assert.Contains(
        "m=1,t=2,p=1",
        Assert.Throws<InvalidOperationException>(() => Argon2.Hash(2, 1, 1, "password"u8, "somesalt"u8, new byte[32])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_library_that_is_missing_is_told_of_with_what_to_do()
    {
        Assert.Null(Argon2.Problem);
        Assert.Contains("apt-get install libargon2-1", Argon2.ProblemOf("libargon2.so.none"), StringComparison.Ordinal);
        Assert.Contains("argon2id_hash_raw", Argon2.ProblemOf("libc.so.6"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_proves_its_key_and_no_other_and_is_read_back_the_same()
    {
        SecretHash made = SecretHash.Make("sk_", "id", "secret");
        SecretHash read = SecretHash.Parse(made.ToString())!;

        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", made.ToString(), StringComparison.Ordinal);
        Assert.True(made.ToString().Length <= 256);
        Assert.Equal(made.ToString(), read.ToString());
        Assert.True(read.Proves("sk_", "id", "secret"));
        Assert.False(read.Proves("sk_", "id", "Secret"));
        Assert.False(read.Proves("pk_", "id", "secret"));
        Assert.NotEqual(made.ToString(), SecretHash.Make("sk_", "id", "secret").ToString(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=99,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4\n")]
    public void What_is_no_hash_is_not_believed(string phc) => Assert.Null(SecretHash.Parse(phc));

    // The reference's form of its own vector.
    [Fact]
    public void The_form_is_the_references() => Assert.True(
        SecretHash.Parse("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")!.Proves("pass", "wo", "rd"));
}
