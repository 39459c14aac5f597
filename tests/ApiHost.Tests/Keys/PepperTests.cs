using System.Security.Cryptography;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Startup;

namespace OrleansBilling.ApiHost.Tests.Keys;

public sealed class PepperTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pepper").FullName;

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    [Fact]
    public void A_data_folder_gets_a_pepper_once_for_its_owner_alone()
    {
        string inside = Path.Combine(this.folder, "host");

        Pepper first = Pepper.FromFolder(inside);
        Pepper second = Pepper.FromFolder(inside);

        Assert.Equal(first.Fingerprint, second.Fingerprint);
        Assert.Equal("pepper", Path.GetFileName(Assert.Single(Directory.GetFiles(inside))));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(inside, "pepper")));
        }
    }

    [Fact]
    public void Two_folders_have_two_peppers() =>
        Assert.False(Pepper.FromFolder(Path.Combine(this.folder, "a")).Fingerprint == Pepper.FromFolder(Path.Combine(this.folder, "b")).Fingerprint);

    [Fact]
    public void A_damaged_pepper_is_told_of_and_never_replaced()
    {
        string path = Path.Combine(this.folder, "pepper");
        Pepper.FromFolder(this.folder);
        File.WriteAllText(path, "cut off");

        Assert.Contains("backup", Assert.Throws<InvalidOperationException>(() => Pepper.FromFolder(this.folder)).Message, StringComparison.Ordinal);
        Assert.Equal("cut off", File.ReadAllText(path));
    }

    [Fact]
    public void A_pepper_that_others_may_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Pepper.FromFolder(this.folder);
        File.SetUnixFileMode(Path.Combine(this.folder, "pepper"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600", Assert.Throws<InvalidOperationException>(() => Pepper.FromFolder(this.folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64 at all, but long enough to be 32 bytes of something")]
    public void A_pepper_is_base64_of_32_bytes_at_least(string text) => Assert.Null(Pepper.FromBase64(text));

    [Fact]
    public async Task A_host_with_another_pepper_does_not_start()
    {
        Pepper ours = new(RandomNumberGenerator.GetBytes(32));

        await PepperSource.ClaimAsync(ours, Task.FromResult);
        StartException refused = await Assert.ThrowsAsync<StartException>(() => PepperSource.ClaimAsync(ours, _ => Task.FromResult("0123456789abcdef")));

        Assert.Contains(ours.Fingerprint, refused.Message, StringComparison.Ordinal);
        Assert.Contains("0123456789abcdef", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tag_depends_on_pepper_prefix_key_and_secret()
    {
        Pepper pepper = new(new byte[32]);
        string key = ApiKey.NewKeyId("acme");
        string secret = ApiKey.NewSecret();
        byte[] tag = TagOf(pepper, key, secret);

        Assert.Equal(tag, TagOf(new Pepper(new byte[32]), key, secret));
        Assert.NotEqual(tag, TagOf(new Pepper(Enumerable.Repeat((byte)1, 32).ToArray()), key, secret));
        Assert.NotEqual(tag, TagOf(pepper, ApiKey.NewKeyId("acme"), secret));
        Assert.NotEqual(tag, TagOf(pepper, key, ApiKey.NewSecret()));
        Assert.NotEqual(tag, TagOf(pepper, key, secret, "zz_"));
        Assert.Equal(tag, Tags.Decode(Tags.Encode(tag)));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void The_tag_is_the_hmac_of_prefix_key_and_secret(int pepperBytes)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(pepperBytes);
        string keyId = ApiKey.NewKeyId("acme");
        string keySecret = ApiKey.NewSecret();

        Assert.Equal(HMACSHA256.HashData(secret, System.Text.Encoding.ASCII.GetBytes("sk_" + keyId + keySecret)), TagOf(new Pepper(secret), keyId, keySecret));
    }

    private static byte[] TagOf(Pepper pepper, string key, string secret, string prefix = "sk_")
    {
        byte[] tag = new byte[Pepper.TagBytes];
        pepper.Tag(prefix, key, secret, tag);
        return tag;
    }
}
