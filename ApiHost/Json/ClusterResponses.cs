using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Json;

/// <summary>Who hosts grains, and the front end that was asked.</summary>
/// <param name="Engine"><c>inprocess</c> or <c>orleans</c>.</param>
/// <param name="ClusterId">The cluster's id, where there is one.</param>
/// <param name="Silos">Who hosts grains: the silos, or the host itself.</param>
/// <param name="FrontEnd">Who answers this.</param>
/// <param name="Note">What is not among the silos, where they are not all.</param>
internal sealed record ClusterResponse(string Engine, string? ClusterId, SiloResponse[] Silos, FrontEndResponse FrontEnd, string? Note)
{
    /// <summary>What a look gave.</summary>
    /// <param name="view">The look.</param>
    /// <param name="frontEnd">Who looked.</param>
    public static ClusterResponse From(ClusterView view, FrontEndResponse frontEnd) => new(
        view.ClusterId is null ? "inprocess" : "orleans",
        view.ClusterId,
        [.. view.Hosts.Select(SiloResponse.From)],
        frontEnd,
        view.IsWhole ? null : "Several hosts may use this journal, and none knows of the others: this is the one that was asked. Ask each of them.");
}

/// <summary>One that hosts grains.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where others reach it.</param>
/// <param name="Status"><c>joining</c>, <c>active</c>, <c>leaving</c> or <c>dead</c>.</param>
/// <param name="Since">When it started.</param>
/// <param name="Answers">Whether it answered just now.</param>
/// <param name="Ready">Whether it decides.</param>
/// <param name="Calls">How many calls it has not answered yet.</param>
/// <param name="Activations">How many grains it has in memory, by kind.</param>
internal sealed record SiloResponse(
    string Name, string? Address, string Status, Moment Since, bool Answers, bool? Ready, int? Calls, SortedDictionary<string, int>? Activations)
{
    /// <summary>A host of grains.</summary>
    /// <param name="host">The host.</param>
    public static SiloResponse From(HostView host) => new(
        host.Name,
        host.Address,
        host.Status switch
        {
            HostStatus.Joining => "joining",
            HostStatus.Active => "active",
            HostStatus.Leaving => "leaving",
            HostStatus.Dead => "dead",
        },
        new Moment(host.SinceNanos),
        host.Activity is not null,
        host.Activity?.IsReady,
        host.Activity?.CallsUnderWay,
        host.Activity is { } activity ? new SortedDictionary<string, int>(activity.Activations.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) : null);
}

/// <summary>A front end.</summary>
/// <param name="Name">Its machine's name.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Since">When it started.</param>
internal sealed record FrontEndResponse(string Name, int ProcessId, Moment Since);

/// <summary>A grain, from the outside.</summary>
/// <param name="Grain">Kind and key.</param>
/// <param name="Silo">Who had it in memory before it was asked; absent when nobody did.</param>
/// <param name="Seq">The number of its newest row; 0 where it has none.</param>
/// <param name="State">What it says of itself, in short; absent when it could not be asked.</param>
/// <param name="Refused">The code of what kept it from saying that.</param>
/// <param name="Rows">Its newest rows, the last one first, without what is in them.</param>
internal sealed record GrainResponse(string Grain, string? Silo, long Seq, GrainStateResponse? State, string? Refused, RowResponse[] Rows)
{
    /// <summary>A grain as it was found.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="silo">Who had it in memory.</param>
    /// <param name="reply">What it said.</param>
    /// <param name="rows">Its newest rows, the last one first.</param>
    /// <param name="showMoney">Whether the caller may see amounts.</param>
    public static GrainResponse From(GrainId grain, string? silo, Reply reply, IReadOnlyList<JournalRow> rows, bool showMoney) => new(
        grain.Path,
        silo,
        rows.Count == 0 ? 0 : rows[0].Seq,
        GrainStateResponse.From(reply, showMoney),
        reply.Outcome == Outcome.Accepted ? null : OutcomeMap.Answer(reply.Outcome).Code,
        [.. rows.Select(RowResponse.From)]);
}

/// <summary>A grain's state, in short.</summary>
internal sealed record GrainStateResponse
{
    /// <summary>Of an account: <c>active</c>, <c>suspended</c> or <c>closed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Of a key: the account that it belongs to.</summary>
    public string? Account { get; init; }

    /// <summary>Of a key: the fingerprint of the pepper that proves it.</summary>
    public string? Pepper { get; init; }

    /// <summary>Of an account: its balance, for those who may see money.</summary>
    public Units? Balance { get; init; }

    /// <summary>Of an account: what is held, for those who may see money.</summary>
    public Units? Held { get; init; }

    /// <summary>Of an account: how many open grants of credit it has.</summary>
    public int? Grants { get; init; }

    /// <summary>Of an account: how many open holds.</summary>
    public int? Holds { get; init; }

    /// <summary>Of an account: how many keys, revoked ones too.</summary>
    public int? Keys { get; init; }

    /// <summary>Of an account: how many workspaces.</summary>
    public int? Workspaces { get; init; }

    /// <summary>What a grain said; null for a refusal.</summary>
    /// <param name="reply">Its reply.</param>
    /// <param name="showMoney">Whether the caller may see amounts.</param>
    public static GrainStateResponse? From(Reply reply, bool showMoney) => reply switch
    {
        AccountView account => new GrainStateResponse
        {
            Status = AccountResponse.Name(account.Status),
            Balance = showMoney ? new Units(account.BalanceNanos) : null,
            Held = showMoney ? new Units(account.HeldNanos) : null,
            Grants = account.Grants.Length,
            Holds = account.Holds.Length,
            Keys = account.Keys.Length,
            Workspaces = account.Workspaces.Length,
        },
        KeyProof key => new GrainStateResponse { Account = key.Account, Pepper = key.Pepper },
        _ => null,
    };
}

/// <summary>A row of the journal, without the event: that may hold amounts, names and what proves a key.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Type">What happened.</param>
/// <param name="Actor">Who caused it; absent for the system.</param>
/// <param name="RequestId">The request that it answers.</param>
/// <param name="Bytes">How large the event is.</param>
/// <param name="Hash">The chain's hash up to it, in hexadecimal.</param>
internal sealed record RowResponse(long Seq, Moment At, string Type, string? Actor, string? RequestId, int Bytes, string Hash)
{
    /// <summary>A row.</summary>
    /// <param name="row">As stored.</param>
    public static RowResponse From(JournalRow row) => new(
        row.Seq, new Moment(row.AtNanos), row.Type, row.Actor.Length == 0 ? null : row.Actor, row.RequestId, row.Data.Length, Convert.ToHexStringLower(row.Hash.ToArray()));
}

/// <summary>What was done about where a grain lives.</summary>
/// <param name="Grain">Kind and key.</param>
/// <param name="Done"><c>deactivated</c>, <c>not_in_memory</c> or <c>moved</c>.</param>
/// <param name="Silo">Where it lives now, of a move.</param>
internal sealed record PlacedResponse(string Grain, string Done, string? Silo);

/// <summary>A silo that leaves.</summary>
/// <param name="Silo">Its name.</param>
/// <param name="Status">Always <c>leaving</c>: <c>GET /admin/cluster</c> says when it is gone.</param>
internal sealed record DrainResponse(string Silo, string Status);
