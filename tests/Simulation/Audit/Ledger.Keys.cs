using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Keys: making, changing, rotating and revoking them, and what they may be used for.</summary>
internal sealed partial class Ledger
{
    private const int KeysMax = 1_000;
    private const long SecondNanos = 1_000_000_000;
    private const long MinuteNanos = 60 * SecondNanos;

    private Verdict DecideCreateKey(CreateKey c, long now)
    {
        KeyCreated made = new()
        {
            Key = c.Key,
            Prefix = c.Prefix,
            Name = c.Name,
            Type = c.Type,
            Scopes = c.Scopes.Length == 0 ? null : c.Scopes,
            ExpiresAtNanos = c.ExpiresAtNanos,
            Workspace = c.Workspace,
            Caps = c.Caps == new Caps() ? null : c.Caps,
            Rates = c.Rates == new Rates() ? null : c.Rates,
            Addresses = Canonical(c.Addresses),
            Metadata = Sorted(c.Metadata),
            Tag = c.Tag,
            Pepper = c.Pepper,
            Hash = c.Hash,
            Reason = c.Reason,
        };
        if (this.opened is not null && c.Mode is { } mode && mode != this.opened.Mode)
        {
            return Verdict.Invalid("mode");
        }

        return this.NotUsable()
            ?? this.NotAsking(c.Maker, now)
            ?? If(this.KeyOf(c.Key) is not null, Outcome.KeyExists)
            ?? this.Exceeds(c.Maker, made)
            ?? If(this.keys.Count >= KeysMax, Outcome.TooMany)
            ?? Verdict.Accept(made);
    }

    private string? WrongMerged(UpdateKey c) => WrongMetadata(Merged(c, this.BeforeOf(c)));

    private KeyCreated BeforeOf(UpdateKey c) =>
        this.KeyOf(c.Key) is { } key ? AsItIs(key) : new KeyCreated { Key = c.Key, Prefix = "", Tag = "", Pepper = "" };

    private static MetadataItem[]? Merged(UpdateKey c, KeyCreated before)
    {
        MetadataItem[]? metadata = Gone(c, KeyParts.Metadata) ? null : before.Metadata;
        if (c.Metadata is null && c.RemoveMetadata is null)
        {
            return metadata;
        }

        string[] names = [.. c.RemoveMetadata ?? [], .. (c.Metadata ?? []).Select(m => m?.Name ?? "")];
        return [.. (metadata ?? []).Where(m => !names.Contains(m.Name, StringComparer.Ordinal)), .. c.Metadata ?? []];
    }

    private Verdict DecideUpdate(UpdateKey c, long now)
    {
        LedgerKey? key = this.KeyOf(c.Key);
        KeyCreated before = this.BeforeOf(c);
        MetadataItem[]? metadata = Merged(c, before);
        if (WrongMetadata(metadata) is { } field)
        {
            return Verdict.Invalid(field);
        }

        Caps caps = new()
        {
            DailyNanos = c.Caps?.DailyNanos ?? (Gone(c, KeyParts.DailyCap) ? null : before.Caps?.DailyNanos),
            MonthlyNanos = c.Caps?.MonthlyNanos ?? (Gone(c, KeyParts.MonthlyCap) ? null : before.Caps?.MonthlyNanos),
            TotalNanos = c.Caps?.TotalNanos ?? (Gone(c, KeyParts.TotalCap) ? null : before.Caps?.TotalNanos),
        };
        Rates rates = new()
        {
            PerMinute = c.Rates?.PerMinute ?? (Gone(c, KeyParts.RatePerMinute) ? null : before.Rates?.PerMinute),
            PerDay = c.Rates?.PerDay ?? (Gone(c, KeyParts.RatePerDay) ? null : before.Rates?.PerDay),
        };
        KeyCreated after = before with
        {
            Name = c.Name ?? (Gone(c, KeyParts.Name) ? null : before.Name),
            Scopes = c.Scopes is null ? before.Scopes : c.Scopes.Length == 0 ? null : c.Scopes,
            ExpiresAtNanos = c.ExpiresAtNanos ?? (Gone(c, KeyParts.Expiry) ? null : before.ExpiresAtNanos),
            Workspace = c.Workspace ?? (Gone(c, KeyParts.Workspace) ? null : before.Workspace),
            Caps = caps == new Caps() ? null : caps,
            Rates = rates == new Rates() ? null : rates,
            Addresses = c.Addresses is null ? (Gone(c, KeyParts.Addresses) ? null : before.Addresses) : Canonical(c.Addresses),
            Metadata = Sorted(metadata),
        };
        return this.NotUsable()
            ?? this.NotAsking(c.Maker, now)
            ?? If(key is null, Outcome.KeyNotFound)
            ?? If(key!.Revoked, Outcome.KeyRevoked)
            ?? this.Exceeds(c.Maker, before)
            ?? this.Exceeds(c.Maker, after)
            ?? If(key.Successor is not null, Outcome.KeyRotated)
            ?? (Narrows(c.Keeps, before, after) ? this.IsLast(key, c.Keeps) : null)
            ?? Verdict.Accept(new KeyUpdated
            {
                Key = c.Key,
                Name = after.Name,
                Scopes = after.Scopes,
                ExpiresAtNanos = after.ExpiresAtNanos,
                Workspace = after.Workspace,
                Caps = after.Caps,
                Rates = after.Rates,
                Addresses = after.Addresses,
                Metadata = after.Metadata,
                Reason = c.Reason,
            });
    }

    private Verdict DecideRotate(RotateKey c, long now)
    {
        LedgerKey? old = this.KeyOf(c.Key);
        if (old is not null && old.Created.Prefix != c.Prefix)
        {
            return Verdict.Invalid("prefix");
        }

        return this.NotUsable()
            ?? this.NotAsking(c.Maker, now)
            ?? If(old is null, Outcome.KeyNotFound)
            ?? If(this.KeyOf(c.NewKey) is not null, Outcome.KeyExists)
            ?? NotUsable(old, now)
            ?? this.Exceeds(c.Maker, AsItIs(old!))
            ?? If(old!.Successor is not null, Outcome.KeyRotated)
            ?? (c.GraceNanos == 0 ? this.IsLast(old, c.Keeps) : null)
            ?? If(this.keys.Count >= KeysMax, Outcome.TooMany)
            ?? Verdict.Accept(old.Created with
            {
                Key = c.NewKey,
                Tag = c.Tag,
                Pepper = c.Pepper,
                Hash = c.Hash,
                Reason = c.Reason,
                Replaces = c.Key,
                ReplacedEndsAtNanos = Math.Min(old.Created.ExpiresAtNanos ?? long.MaxValue, now + c.GraceNanos),
            });
    }

    private Verdict DecideRevoke(RevokeKey c, long now)
    {
        LedgerKey? key = this.KeyOf(c.Key);
        return this.NotUsable()
            ?? this.NotAsking(c.Maker, now)
            ?? If(key is null, Outcome.KeyNotFound)
            ?? If(key!.Revoked, Outcome.KeyRevoked)
            ?? this.Exceeds(c.Maker, AsItIs(key))
            ?? this.IsLast(key, c.Keeps)
            ?? Verdict.Accept(new KeyRevoked(c.Key, c.Reason));
    }

    private Verdict DecideCheckKey(CheckKey c, long now)
    {
        LedgerKey? key = this.KeyOf(c.Key);
        Verdict? account = this.status == AccountStatus.Suspended ? Verdict.Deny(Outcome.AccountSuspended) : this.NotUsable();
        return account ?? NotUsable(key, now) ?? NotAllowed(key, c.Address, c.Scope) ?? Verdict.Reply(this.ViewOf(key!, now));
    }

    private static Verdict? If(bool holds, Outcome outcome) => holds ? Verdict.Deny(outcome) : null;

    private static Verdict? NotUsable(LedgerKey? key, long now) =>
        If(key is null, Outcome.KeyNotFound) ?? If(key!.Revoked, Outcome.KeyRevoked) ?? If(key.Created.ExpiresAtNanos <= now, Outcome.KeyExpired);

    private static Verdict? NotAllowed(LedgerKey? key, string? address, string? scope)
    {
        if (key?.Created.Addresses is { } list
            && (RangeOf(address, isAddress: true) is not { } from || !list.Any(entry => RangeOf(entry)!.Value.Contains(from.BaseAddress))))
        {
            return Verdict.Reply(new Denied(Outcome.AddressNotAllowed, null, "address"));
        }

        return If(key is not null && scope is not null && !Covers(key.Created.Scopes, scope), Outcome.ScopeMissing);
    }

    private static bool Covers(string[]? scopes, string wanted) => (scopes ?? []).Any(has =>
        has == wanted || has == "*" || (has.EndsWith(":*", StringComparison.Ordinal) && wanted.StartsWith(has[..^1], StringComparison.Ordinal)));

    private Verdict? NotAsking(string? maker, long now) => maker is null ? null : NotUsable(this.KeyOf(maker), now);

    // The policy of a rotated key has the limits of the last that took its place.
    private static KeyCreated AsItIs(LedgerKey key) => key.Created with { Caps = key.Last.Created.Caps, Rates = key.Last.Created.Rates };

    // Whether one key can be used from where another cannot. Without a list that is also where nobody saw an address.
    private static bool Elsewhere(KeyCreated key, KeyCreated other) =>
        other.Addresses is { } list && (key.Addresses is null || key.Addresses.Select(a => RangeOf(a)!.Value)
            .Any(k => !list.Select(o => RangeOf(o)!.Value).Any(o => o.PrefixLength <= k.PrefixLength && o.Contains(k.BaseAddress))));

    // As one that has a scope without an end a key goes on only unnarrowed: with the scope, and from everywhere it could be used from.
    private static bool Narrows(string? scope, KeyCreated before, KeyCreated after) =>
        scope is not null && (after.ExpiresAtNanos is not null || !Covers(after.Scopes, scope) || Elsewhere(before, after));

    // The account has to go on to have a key with this scope that never ends.
    private Verdict? IsLast(LedgerKey key, string? scope)
    {
        bool Lasts(LedgerKey one) =>
            !one.Revoked && one.Successor is null && one.Created.ExpiresAtNanos is null && Covers(one.Created.Scopes, scope!);
        return scope is not null && Lasts(key) && this.keys.Count(Lasts) == 1 ? Verdict.Reply(new Denied(Outcome.LastAdminKey, null, "key")) : null;
    }

    private Verdict? Exceeds(string? makerId, KeyCreated wanted)
    {
        if (makerId is null)
        {
            return null;
        }

        static bool More(long? asked, long? own) => (asked ?? long.MaxValue) > (own ?? long.MaxValue);
        KeyCreated maker = AsItIs(this.KeyOf(makerId)!);
        (bool More, string Field)[] all =
        [
            (wanted.Type == KeyType.Internal && maker.Type == KeyType.Standard, "type"),
            ((wanted.Scopes ?? []).Any(s => !Covers(maker.Scopes, s)), "scopes"),
            (More(wanted.ExpiresAtNanos, maker.ExpiresAtNanos), "expiresAtNanos"),
            (maker.Workspace is not null && wanted.Workspace != maker.Workspace, "workspace"),
            (More(wanted.Caps?.DailyNanos, maker.Caps?.DailyNanos), "caps.dailyNanos"),
            (More(wanted.Caps?.MonthlyNanos, maker.Caps?.MonthlyNanos), "caps.monthlyNanos"),
            (More(wanted.Caps?.TotalNanos, maker.Caps?.TotalNanos), "caps.totalNanos"),
            (More(wanted.Rates?.PerMinute, maker.Rates?.PerMinute), "rates.perMinute"),
            (More(wanted.Rates?.PerDay, maker.Rates?.PerDay), "rates.perDay"),
            (Elsewhere(wanted, maker), "addresses"),
        ];
        return all.Any(a => a.More) ? Verdict.Reply(new Denied(Outcome.ExceedsMaker, null, all.First(a => a.More).Field)) : null;
    }

    private void ApplyKey(KeyCreated x)
    {
        LedgerKey? old = this.KeyOf(x.Replaces);
        LedgerKey key = new() { Created = x with { Replaces = null, ReplacedEndsAtNanos = null }, Spent = old?.Spent ?? new LedgerScope(), Minute = old?.Minute, Days = old?.Days };
        if (old is not null)
        {
            old.Successor = key;
            old.Minute = null;
            old.Days = null;
            old.Created = old.Created with { ExpiresAtNanos = x.ReplacedEndsAtNanos };
            this.keyMoments.Add(x.ReplacedEndsAtNanos!.Value);
        }

        this.keys.Add(key);
        this.keysById.Add(x.Key, key);
        this.CountFromNow(key);
    }

    private void ApplyUpdated(KeyUpdated x)
    {
        LedgerKey key = this.KeyOf(x.Key)!;
        key.Created = key.Created with
        {
            Name = x.Name,
            Scopes = x.Scopes,
            ExpiresAtNanos = x.ExpiresAtNanos,
            Workspace = x.Workspace,
            Caps = x.Caps,
            Rates = x.Rates,
            Addresses = x.Addresses,
            Metadata = x.Metadata,
        };
        this.CountFromNow(key);
    }

    // Requests are counted from when a limit is set until it is taken away.
    private void CountFromNow(LedgerKey key)
    {
        this.keyMoments.Add(key.Created.ExpiresAtNanos ?? 0);
        key.Minute = key.Created.Rates?.PerMinute is null ? null : key.Minute ?? [];
        key.Days = key.Created.Rates?.PerDay is null ? null : key.Days ?? [];
    }

    private void Request(string? keyId, long at)
    {
        if (this.KeyOf(keyId) is not { } key)
        {
            return;
        }

        key.Requests++;
        key.LastUsed = at / MinuteNanos * MinuteNanos;
        key.Last.Minute?.RemoveAll(t => LeavesMinuteAt(t) <= at);
        key.Last.Minute?.Add(at);
        if (key.Last.Minute is not null)
        {
            this.keyMoments.Add(LeavesMinuteAt(at));
        }

        if (key.Last.Days is { } days)
        {
            long start = this.DayOf(at).StartNanos;
            days[start] = days.GetValueOrDefault(start) + 1;
        }
    }

    // A request counts to the end of the sixtieth second after its own.
    private static long LeavesMinuteAt(long at) => ((at / SecondNanos) + 61) * SecondNanos;

    private List<Limit> RatesOf(LedgerKey? key, long now, int requested)
    {
        List<Limit> found = [];
        if (key?.Last is { Created.Rates: { } rates } last)
        {
            if (rates.PerMinute is { } perMinute)
            {
                found.Add(new Limit("key_rate_minute", perMinute, last.Minute!.Count(t => LeavesMinuteAt(t) > now), requested));
            }

            if (rates.PerDay is { } perDay)
            {
                found.Add(new Limit("key_rate_day", perDay, last.Days!.GetValueOrDefault(this.DayOf(now).StartNanos), requested, this.DayOf(now).EndNanos));
            }
        }

        return found;
    }

    private Denied? TooOften(LedgerKey? key, long now, List<Limit> checks)
    {
        foreach (Limit limit in this.RatesOf(key, now, 1))
        {
            if (limit.Used >= limit.Max)
            {
                bool ofMinute = limit.ResetsAtNanos == 0;
                long[] leave = [.. (key!.Last.Minute ?? []).Select(LeavesMinuteAt).Where(t => t > now).Order()];
                return ofMinute
                    ? new Denied(Outcome.KeyMinuteRateExceeded, limit with { ResetsAtNanos = leave[limit.Used - limit.Max] })
                    : new Denied(Outcome.KeyDailyRateExceeded, limit);
            }

            checks.Add(limit with { Used = limit.Used + 1 });
        }

        return null;
    }

    private KeyView ViewOf(LedgerKey key, long now) => new(
        key.Created.Key, key.Created.Prefix, key.Created.Name, key.Created.Type, key.Created.Scopes ?? [], key.Revoked,
        key.Created.ExpiresAtNanos, key.Created.Workspace, this.CapsView(key.Last.Created.Caps ?? new Caps(), key.Spent, "key_", now, true))
    {
        Mode = this.opened!.Mode,
        Rates = [.. this.RatesOf(key, now, 0)],
        Addresses = key.Created.Addresses,
        Metadata = key.Created.Metadata,
        LastUsedAtNanos = key.LastUsed == 0 ? null : key.LastUsed,
        Requests = key.Requests,
        Successor = key.Successor?.Created.Key,
    };

    private static bool Gone(UpdateKey c, KeyParts part) => c.Clear.HasFlag(part);

    private static MetadataItem[]? Sorted(MetadataItem[]? items) => items is null or { Length: 0 } ? null : [.. items.OrderBy(i => i.Name, StringComparer.Ordinal)];

    private static string[]? Canonical(string[]? addresses) => addresses is null or { Length: 0 } ? null : [.. addresses.Select(a => RangeOf(a)!.Value.ToString())];
}
