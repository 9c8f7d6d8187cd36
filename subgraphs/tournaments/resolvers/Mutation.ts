import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationAppointOrganizerArgs,
  MutationApproveEntryArgs,
  MutationArchiveTournamentArgs,
  MutationCancelTournamentArgs,
  MutationCheckInArgs,
  MutationCloseRegistrationArgs,
  MutationChooseBestPlayerArgs,
  MutationAddVenueArgs,
  MutationApplyScheduleArgs,
  MutationCancelScheduleRunArgs,
  MutationPlanScheduleArgs,
  MutationRemoveVenueArgs,
  MutationSetKickoffArgs,
  MutationCreateTournamentArgs,
  MutationDeductPointsArgs,
  MutationDeleteTournamentArgs,
  MutationDisqualifyEntryArgs,
  MutationDrawLotsArgs,
  MutationDrawTournamentArgs,
  MutationEndCheckInArgs,
  MutationEnterTournamentArgs,
  MutationInviteTeamToTournamentArgs,
  MutationPublishTournamentArgs,
  MutationRecordFairPlayArgs,
  MutationRecordLotsArgs,
  MutationRecordPlayOffArgs,
  MutationRecordRankingArgs,
  MutationRejectEntryArgs,
  MutationRemoveOrganizerArgs,
  MutationSetStagesArgs,
  MutationStartTournamentArgs,
  MutationUpdateTournamentArgs,
  MutationWithdrawEntryArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { EnteringService } from '../entering.service.ts';
import { LifeService } from '../life.service.ts';
import { OrganizersService } from '../organizers.service.ts';
import { AwardsService } from '../awards.service.ts';
import { RulingsService } from '../rulings.service.ts';
import { StagesService } from '../stages.service.ts';
import { KickoffsService } from '../kickoffs.service.ts';
import { ScheduleRunsService } from '../schedule-runs.service.ts';
import { TournamentsService } from '../tournaments.service.ts';
import { VenuesService } from '../venues.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly entering: EnteringService,
    private readonly life: LifeService,
    private readonly organizers: OrganizersService,
    private readonly awards: AwardsService,
    private readonly rulings: RulingsService,
    private readonly stages: StagesService,
    private readonly tournaments: TournamentsService,
    private readonly venues: VenuesService,
    private readonly runs: ScheduleRunsService,
    private readonly kickoffs: KickoffsService,
  ) {}

  @Mutation()
  createTournament(
    @Args() { input }: MutationCreateTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CreateTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.tournaments.create(principal, input) }));
  }

  @Mutation()
  deleteTournament(
    @Args() { input }: MutationDeleteTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeleteTournamentPayload']> {
    return orUserErrors(async () => ({ deletedTournamentId: await this.tournaments.delete(principal, input) }));
  }

  @Mutation()
  setStages(
    @Args() { input }: MutationSetStagesArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetStagesPayload']> {
    return orUserErrors(async () => ({ tournament: await this.stages.set(principal, input) }));
  }

  @Mutation()
  deductPoints(
    @Args() { input }: MutationDeductPointsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeductPointsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.deductPoints(principal, input) }));
  }

  @Mutation()
  recordFairPlay(
    @Args() { input }: MutationRecordFairPlayArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordFairPlayPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordFairPlay(principal, input) }));
  }

  @Mutation()
  recordRanking(
    @Args() { input }: MutationRecordRankingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordRankingPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'RANKING', input) }));
  }

  @Mutation()
  recordLots(
    @Args() { input }: MutationRecordLotsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordLotsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'LOTS', input) }));
  }

  @Mutation()
  drawLots(
    @Args() { input }: MutationDrawLotsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DrawLotsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.drawLots(principal, input) }));
  }

  @Mutation()
  recordPlayOff(
    @Args() { input }: MutationRecordPlayOffArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordPlayOffPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'PLAY_OFF', input) }));
  }

  @Mutation()
  updateTournament(
    @Args() { input }: MutationUpdateTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['UpdateTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.update(principal, input) }));
  }

  @Mutation()
  publishTournament(
    @Args() { input }: MutationPublishTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PublishTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.publish(principal, input) }));
  }

  @Mutation()
  closeRegistration(
    @Args() { input }: MutationCloseRegistrationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CloseRegistrationPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.closeRegistration(principal, input) }));
  }

  @Mutation()
  endCheckIn(
    @Args() { input }: MutationEndCheckInArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['EndCheckInPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.endCheckIn(principal, input) }));
  }

  @Mutation()
  drawTournament(
    @Args() { input }: MutationDrawTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DrawTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.draw(principal, input) }));
  }

  @Mutation()
  startTournament(
    @Args() { input }: MutationStartTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['StartTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.start(principal, input) }));
  }

  @Mutation()
  cancelTournament(
    @Args() { input }: MutationCancelTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CancelTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.cancel(principal, input) }));
  }

  @Mutation()
  archiveTournament(
    @Args() { input }: MutationArchiveTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ArchiveTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.life.archive(principal, input) }));
  }

  @Mutation()
  appointOrganizer(
    @Args() { input }: MutationAppointOrganizerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AppointOrganizerPayload']> {
    return orUserErrors(async () => ({ tournament: await this.organizers.appoint(principal, input) }));
  }

  @Mutation()
  removeOrganizer(
    @Args() { input }: MutationRemoveOrganizerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RemoveOrganizerPayload']> {
    return orUserErrors(async () => ({ tournament: await this.organizers.remove(principal, input) }));
  }

  @Mutation()
  inviteTeamToTournament(
    @Args() { input }: MutationInviteTeamToTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['InviteTeamToTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.entering.invite(principal, input) }));
  }

  @Mutation()
  enterTournament(
    @Args() { input }: MutationEnterTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['EnterTournamentPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.enter(principal, input) }));
  }

  @Mutation()
  withdrawEntry(
    @Args() { input }: MutationWithdrawEntryArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['WithdrawEntryPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.withdraw(principal, input) }));
  }

  @Mutation()
  checkIn(
    @Args() { input }: MutationCheckInArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CheckInPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.checkIn(principal, input) }));
  }

  @Mutation()
  approveEntry(
    @Args() { input }: MutationApproveEntryArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ApproveEntryPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.approve(principal, input) }));
  }

  @Mutation()
  rejectEntry(
    @Args() { input }: MutationRejectEntryArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RejectEntryPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.reject(principal, input) }));
  }

  @Mutation()
  disqualifyEntry(
    @Args() { input }: MutationDisqualifyEntryArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DisqualifyEntryPayload']> {
    return orUserErrors(async () => ({ entry: await this.entering.disqualify(principal, input) }));
  }

  @Mutation()
  chooseBestPlayer(
    @Args() { input }: MutationChooseBestPlayerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ChooseBestPlayerPayload']> {
    return orUserErrors(async () => ({ tournament: await this.awards.chooseBestPlayer(principal, input) }));
  }

  @Mutation()
  addVenue(
    @Args() { input }: MutationAddVenueArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AddVenuePayload']> {
    return orUserErrors(async () => ({ venue: await this.venues.add(principal, input) }));
  }

  @Mutation()
  removeVenue(
    @Args() { input }: MutationRemoveVenueArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RemoveVenuePayload']> {
    return orUserErrors(async () => ({ removedVenueId: await this.venues.remove(principal, input) }));
  }

  @Mutation()
  planSchedule(
    @Args() { input }: MutationPlanScheduleArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PlanSchedulePayload']> {
    return orUserErrors(async () => ({ run: await this.runs.plan(principal, input) }));
  }

  @Mutation()
  cancelScheduleRun(
    @Args() { input }: MutationCancelScheduleRunArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CancelScheduleRunPayload']> {
    return orUserErrors(async () => ({ run: await this.runs.cancel(principal, input) }));
  }

  @Mutation()
  applySchedule(
    @Args() { input }: MutationApplyScheduleArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ApplySchedulePayload']> {
    return orUserErrors(async () => ({ run: await this.kickoffs.apply(principal, input) }));
  }

  @Mutation()
  setKickoff(
    @Args() { input }: MutationSetKickoffArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetKickoffPayload']> {
    return orUserErrors(() => this.kickoffs.set(principal, input));
  }
}
