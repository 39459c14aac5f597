using OrleansBilling.Conformance.Grains;
using Xunit;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>The engine keeps every rule on PostgreSQL; those cases that move the clock cannot move the server's.</summary>
public sealed class PostgresGrainsConformance(Server server) : GrainsConformance
{
    public static TheoryData<string> Rules => [.. Cases.Where(c => !c.Steps).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_rule(string rule)
    {
        await using GrainsKit kit = new(new PostgresKit(await server.Postgres.CreateDatabaseAsync()), TimeProvider.System);
        await Cases.Single(c => c.Name == rule).Run(kit);
    }
}
