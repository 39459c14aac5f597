using OrleansBilling.ApiHost.Configuration;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>What a person sees when the host has started.</summary>
internal static class Banner
{
    /// <summary>Where to look, the first admin key, and a first try of three lines.</summary>
    /// <param name="url">Where the host listens.</param>
    /// <param name="options">Where its files are.</param>
    /// <param name="firstAdminKey">The first admin key, where it was just made; otherwise null.</param>
    public static string Text(string url, BillingOptions options, string? firstAdminKey)
    {
        string key = firstAdminKey is null
            ? """
              The first admin key was made at an earlier start, which showed it unless it was cut off; it is not shown again.
              To make another one, stop the host and run: ./dev run admin-key
                (without ./dev: start the host with the argument admin-key; with a key: POST /admin/accounts/system/keys {"scopes":["*"]})
              """
            : $"""
              The first admin key, shown this once:
                {firstAdminKey}
              """;
        return $$"""

            Billing is ready at {{url}}
              health   {{url}}/health/ready
              data     {{Path.GetFullPath(options.DataFolder)}}
              pepper   {{PepperSource.Describe(options)}} (keep a copy: without it every key has to be held against its hash once)

            {{key}}

            A first try, to be pasted into another shell:
            {{FirstTry(url, firstAdminKey ?? "YOUR_ADMIN_KEY")}}

            """;
    }

    /// <summary>Three lines of shell: an account, credit and a key for it, and a charge of 0.10308.</summary>
    /// <param name="url">Where the host listens.</param>
    /// <param name="adminKey">An admin key.</param>
    public static string FirstTry(string url, string adminKey) =>
        $$"""
        call() { curl -s -H "X-API-Key: {{adminKey}}" --json "$2" "{{url}}$1"; echo; }; call /admin/accounts '{"id":"acme","currency":"USD"}'
        call /admin/accounts/acme/credits '{"kind":"topup","amount":10.00}'; KEY=$(call /admin/accounts/acme/keys '{}' | sed 's/.*"key":"\([^"]*\)".*/\1/')
        call /v1/verify "{\"key\":\"$KEY\",\"model\":\"demo-large\",\"inputTokens\":6548,\"outputTokens\":108}"
        """;
}
