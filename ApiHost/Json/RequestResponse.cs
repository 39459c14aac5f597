using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Requests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.ApiHost.Json;

/// <summary>What became of a past request. What was answered then stands under the member named for its kind.</summary>
internal sealed record RequestResponse
{
    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>The request's id.</summary>
    public required string RequestId { get; init; }

    /// <summary><c>accepted</c>, or why it was refused.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was decided.</summary>
    public required Moment At { get; init; }

    /// <summary>What was recorded: the event's type; left out for a refusal.</summary>
    public string? What { get; init; }

    /// <summary>The number of the journal's row.</summary>
    public long? Entry { get; init; }

    /// <summary>A sentence about a refusal.</summary>
    public string? Detail { get; init; }

    /// <summary>The limit that refused it.</summary>
    public LimitResponse? Limit { get; init; }

    /// <summary>What was used.</summary>
    public UsedResponse? Used { get; init; }

    /// <summary>The prices that it was charged at.</summary>
    public PricesResponse? Prices { get; init; }

    /// <summary>A charge.</summary>
    public ChargeResponse? Charge { get; init; }

    /// <summary>A hold.</summary>
    public HoldResponse? Hold { get; init; }

    /// <summary>A capture.</summary>
    public CaptureResponse? Capture { get; init; }

    /// <summary>A reversal.</summary>
    public ReversalResponse? Reversal { get; init; }

    /// <summary>Anything else, as it is recorded.</summary>
    public StoredData? Change { get; init; }

    /// <summary>A request that the journal has.</summary>
    /// <param name="account">The account.</param>
    /// <param name="row">Its row.</param>
    /// <param name="prices">Finds a version of the prices.</param>
    public static RequestResponse From(string account, JournalRow row, Func<string, PriceVersion?> prices)
    {
        Event e = EventJson.Read(row.Type, row.Data);
        Accepted accepted = new(e, row.Seq, row.AtNanos, Replayed: false);
        RequestResponse answer = new()
        {
            Account = account,
            RequestId = row.RequestId!,
            Outcome = OutcomeMap.Answer(OrleansBilling.Outcome.Accepted).Code,
            At = new Moment(row.AtNanos),
            What = row.Type,
            Entry = row.Seq,
        };
        return e switch
        {
            Charged charged => answer with
            {
                Charge = ChargeResponse.From(account, accepted, charged),
                Used = UsedResponse.From(charged.Usage),
                Prices = PricesResponse.From(charged.PriceVersion, charged.Usage, prices),
            },
            HoldPlaced hold => answer with
            {
                Hold = HoldResponse.From(account, accepted, hold),
                Used = UsedResponse.From(hold.Usage),
                Prices = PricesResponse.From(hold.PriceVersion, hold.Usage, prices),
            },
            HoldCaptured capture => answer with
            {
                Capture = CaptureResponse.From(account, accepted, capture),
                Used = UsedResponse.From(capture.Usage),
                Prices = PricesResponse.From(capture.PriceVersion, capture.Usage, prices),
            },
            ChargeReversed reversal => answer with { Reversal = ReversalResponse.From(account, accepted, reversal) },
            _ => answer with { Change = new StoredData(row.Data) },
        };
    }

    /// <summary>A request that was refused.</summary>
    /// <param name="denial">The refusal.</param>
    public static RequestResponse From(RecentDenial denial) => new()
    {
        Account = denial.Account,
        RequestId = denial.RequestId,
        Outcome = OutcomeMap.Answer(denial.Denied.Outcome).Code,
        At = new Moment((denial.At - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick),
        Detail = denial.Denied.Detail ?? OutcomeMap.Answer(denial.Denied.Outcome).Title,
        Limit = LimitResponse.From(denial.Denied.Limit),
        Used = UsedResponse.From(denial.Command switch
        {
            Charge charge => charge.Usage,
            Authorize hold => hold.Usage,
            CaptureHold capture => capture.Usage,
            _ => null,
        }),
    };
}

/// <summary>What a request used.</summary>
internal sealed record UsedResponse(
    string? Model, long? InputTokens, long? OutputTokens, long? CachedTokens, long? ReasoningTokens, string? Endpoint, string? Method, string? Session,
    string? Source, long? DurationMs, int? Status, string? Outcome)
{
    /// <summary>What a request used, or null.</summary>
    /// <param name="u">As recorded.</param>
    public static UsedResponse? From(Usage? u) => u is null
        ? null
        : new UsedResponse(
            u.Model, Some(u.InputTokens), Some(u.OutputTokens), Some(u.CachedTokens), Some(u.ReasoningTokens), u.Endpoint, u.Method, u.Session, u.Source,
            Some(u.DurationMs), u.Status == 0 ? null : u.Status, u.Outcome);

    private static long? Some(long count) => count == 0 ? null : count;
}

/// <summary>The prices that a request was charged at.</summary>
internal sealed record PricesResponse(string Version, Units? InputPer1K, Units? OutputPer1K, Units? CachedPer1K, Units? ReasoningPer1K, Units? PerRequest)
{
    private const long ThousandsPerMillion = 1000;

    /// <summary>The prices of a model or endpoint, or null where the amount was given.</summary>
    /// <param name="version">The version.</param>
    /// <param name="usage">What was priced.</param>
    /// <param name="find">Finds a version.</param>
    public static PricesResponse? From(string? version, Usage? usage, Func<string, PriceVersion?> find)
    {
        if (version is null || usage is null)
        {
            return null;
        }

        PriceVersion? prices = find(version);
        if (usage.Model is { } name && prices?.Models.GetValueOrDefault(name) is { } model)
        {
            return new PricesResponse(
                version, Per1K(model.InputNanosPerMillion), Per1K(model.OutputNanosPerMillion), Per1K(model.CachedNanosPerMillion), Per1K(model.ReasoningNanosPerMillion), null);
        }

        return usage.Endpoint is { } endpoint && prices?.Endpoints.TryGetValue(endpoint, out long nanos) == true
            ? new PricesResponse(version, null, null, null, null, new Units(nanos))
            : new PricesResponse(version, null, null, null, null, null);
    }

    private static Units? Per1K(long nanosPerMillion) => nanosPerMillion == 0 ? null : new Units(nanosPerMillion / ThousandsPerMillion);
}
